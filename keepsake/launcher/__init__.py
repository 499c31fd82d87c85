"""`make run`: a private RabbitMQ and mongod, web and workers; the tests' fixtures use it too."""
