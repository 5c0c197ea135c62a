"""The only package that knows Faust, mode and aiokafka: the worker of a stage and its parts."""
