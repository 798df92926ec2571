"""A function that does nothing: see the op `rehearse` of the guest protocol."""


def handler(event, context):
    return {**event}
