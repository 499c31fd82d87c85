; Keys and values are no names of code.
