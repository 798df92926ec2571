"""The client of the Lambda Runtime API, over one connection that is kept open."""

import http.client
import json

PREFIX = "/2018-06-01/runtime"
START_PATH = "/ballast/start"
OK = 200
ACCEPTED = 202
TOO_LARGE = 413


class RuntimeApi:
    def __init__(self, address):
        self._connection = http.client.HTTPConnection(address)

    def start(self):
        """Waits for the function that this process is to serve: its environment and directory."""
        return self._held(START_PATH)

    def restore(self):
        """Waits until the machine was snapshotted and restored: its environment since then."""
        return self._held(PREFIX + "/restore/next")

    def post_nothing(self):
        """Answers an invocation that there never was, which is refused: the way is known then."""
        self._post("/invocation/none/response", {}, b"{}")

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
        self._post_error(path, error_type, body)

    def post_restore_error(self, error_type, body):
        """Of what was to run after the machine was restored."""
        self._post_error("/restore/error", error_type, body)

    def _held(self, path):
        self._connection.request("GET", path)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != OK:
            raise RuntimeError("%s was refused: %d" % (path, response.status))
        return json.loads(body)

    def _post_error(self, path, error_type, body):
        safe_type = error_type.encode("ascii", "replace").decode()
        self._post(path, {"Lambda-Runtime-Function-Error-Type": safe_type}, body)

    def _post(self, path, headers, body):
        headers = {"Content-Type": "application/json", **headers}
        self._connection.request("POST", PREFIX + path, body, headers)
        response = self._connection.getresponse()
        response.read()
        return response.status
