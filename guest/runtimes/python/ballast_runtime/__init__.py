"""The parts of the runtime client, under a name that no function of a user has."""
