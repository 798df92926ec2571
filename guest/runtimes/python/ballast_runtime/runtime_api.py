"""The client of the Lambda Runtime API, over one connection that is kept open."""

import http.client

PREFIX = "/2018-06-01/runtime"
ACCEPTED = 202
TOO_LARGE = 413


class RuntimeApi:
    def __init__(self, address):
        self._connection = http.client.HTTPConnection(address)

    def next(self):
        """Waits for the next invocation: its headers and its payload."""
        self._connection.request("GET", PREFIX + "/invocation/next")
        response = self._connection.getresponse()
        return response.headers, response.read()

    def post_response(self, request_id, body):
        status = self._post("/invocation/%s/response" % request_id, {}, body)
        # Too large was already told to the caller; nothing is left to do about it here.
        if status not in (ACCEPTED, TOO_LARGE):
            raise RuntimeError("the response was refused: %d" % status)

    def post_error(self, request_id, error_type, body):
        """Of an invocation, or of the initialisation where there is none."""
        path = "/init/error" if request_id is None else "/invocation/%s/error" % request_id
        safe_type = error_type.encode("ascii", "replace").decode()
        self._post(path, {"Lambda-Runtime-Function-Error-Type": safe_type}, body)

    def _post(self, path, headers, body):
        headers = {"Content-Type": "application/json", **headers}
        self._connection.request("POST", PREFIX + path, body, headers)
        response = self._connection.getresponse()
        response.read()
        return response.status
