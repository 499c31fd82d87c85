"""Reading what other products export: chats of any known shape become turns."""
