"""Every error, from one table: as a problem document (RFC 9457), or as a page where a browser shows it."""

from http import HTTPStatus

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from service import problems
from service.http.tracing import request_id
from service.web.responses import asks_for_page, json_bytes, no_store, problem
from service.web.state import state

#: Error -> status and the last part of the problem type. The title is the status's own phrase.
TABLE: dict[type[problems.ModuleRegistryError], tuple[HTTPStatus, str]] = {
    problems.MalformedHeader: (HTTPStatus.BAD_REQUEST, "malformed-header"),
    problems.NotAuthenticated: (HTTPStatus.UNAUTHORIZED, "not-authenticated"),
    problems.AccountNotActive: (HTTPStatus.FORBIDDEN, "account-not-active"),
    problems.NotAnAdmin: (HTTPStatus.FORBIDDEN, "not-an-admin"),
    problems.CrossSiteRequest: (HTTPStatus.FORBIDDEN, "cross-site-request"),
    problems.UnknownFeature: (HTTPStatus.NOT_FOUND, "unknown-feature"),
    problems.UnknownModule: (HTTPStatus.NOT_FOUND, "unknown-module"),
    problems.UnknownThread: (HTTPStatus.NOT_FOUND, "unknown-request"),
    problems.UnknownAccount: (HTTPStatus.NOT_FOUND, "unknown-account"),
    problems.NoVote: (HTTPStatus.CONFLICT, "no-vote"),
    problems.OwnAccount: (HTTPStatus.CONFLICT, "own-account"),
    problems.NotOnDemand: (HTTPStatus.CONFLICT, "not-on-demand"),
    problems.ThreadFull: (HTTPStatus.CONFLICT, "request-full"),
    problems.AlreadyOpen: (HTTPStatus.CONFLICT, "request-already-open"),
    problems.ThreadChanged: (HTTPStatus.PRECONDITION_FAILED, "request-changed"),
    problems.ConditionMissing: (HTTPStatus.PRECONDITION_REQUIRED, "condition-missing"),
    problems.InvalidField: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-field"),
    problems.UnknownModules: (HTTPStatus.UNPROCESSABLE_ENTITY, "unknown-modules"),
    problems.SignInRefused: (HTTPStatus.GONE, "sign-in-refused"),
    problems.SignInOver: (HTTPStatus.GONE, "sign-in-over"),
    problems.SignInDenied: (HTTPStatus.FORBIDDEN, "sign-in-denied"),
    problems.AccountSuspended: (HTTPStatus.FORBIDDEN, "account-suspended"),
    problems.ProviderRefused: (HTTPStatus.BAD_GATEWAY, "provider-refused"),
    problems.ProviderUnavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "provider-unavailable"),
    problems.ProviderBusy: (HTTPStatus.SERVICE_UNAVAILABLE, "provider-busy"),
    problems.PageFailed: (HTTPStatus.SERVICE_UNAVAILABLE, "page-failed"),
    problems.ModuleFrozen: (HTTPStatus.SERVICE_UNAVAILABLE, "module-frozen"),
    problems.RateLimited: (HTTPStatus.TOO_MANY_REQUESTS, "rate-limited"),
    problems.StorageUnavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "storage-unavailable"),
    problems.WritesRefused: (HTTPStatus.SERVICE_UNAVAILABLE, "storage-unavailable"),
    problems.StoreOfAnotherForm: (HTTPStatus.SERVICE_UNAVAILABLE, "storage-unavailable"),
    problems.WriteUnconfirmed: (HTTPStatus.SERVICE_UNAVAILABLE, "storage-unavailable"),
}


def problem_response(status: int, kind: str | None, detail: str, **members: object) -> Response:
    """A problem document, or a page.

    `members` say more to programs (RFC 9457, 3.2): `field` is what of the request it is about. Its id is one always.
    """
    if asks_for_page():
        return state().error_page(status, kind, members.get("suggestions"))
    document = problem(status, kind, detail) | members | {"request_id": request_id(request.environ)}
    return no_store(Response(json_bytes(document), status, mimetype="application/problem+json"))


def init_app(app: Flask) -> None:
    """Answer every error that reaches the application by the table."""
    app.register_error_handler(problems.ModuleRegistryError, _refusal)
    app.register_error_handler(HTTPException, _http_error)


def _refusal(error: problems.ModuleRegistryError) -> Response:
    status, kind = TABLE[type(error)]
    members = {name: said for name in ("field", "suggestions") if (said := getattr(error, name, None))}
    response = problem_response(status, kind, str(error), **members)
    response.headers.update(headers_of(error))
    return response


def headers_of(error: problems.ModuleRegistryError) -> dict[str, str]:
    """The headers that an answer has because of an error: what to do about it, and when."""
    if isinstance(error, problems.StorageUnavailable | problems.ProviderUnavailable | problems.PageFailed):
        return {"Retry-After": "1"}  # in seconds: Redis is looked for anew at every request
    if isinstance(error, problems.NotAuthenticated):
        return {"WWW-Authenticate": 'Session realm="module registry"'}  # RFC 9110, 15.5.2 asks for it
    if isinstance(error, problems.RateLimited):
        # As draft-ietf-httpapi-ratelimit-headers-11 has them: nothing is left (r) for so many seconds (t).
        return {
            "Retry-After": f"{error.retry_after}",
            "RateLimit-Policy": f'"{error.policy}";q={error.quota};w={error.window}',
            "RateLimit": f'"{error.policy}";r=0;t={error.retry_after}',
        }
    return {}


def _http_error(error: HTTPException) -> Response:
    """Werkzeug's own errors, and unexpected ones, which Flask has logged and turned into a 500."""
    # What was raised refers to the request, and would be kept with all that a client sent until the collector comes.
    request.routing_exception = None
    details = {
        HTTPStatus.NOT_FOUND: f"Nothing is served at {request.path}.",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.environ['REQUEST_METHOD']} is not allowed at {request.path}.",
        HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong in the service; it has been logged.",
    }
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    response = problem_response(status, None, details.get(HTTPStatus(status)) or error.description or "")
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response
