package io.deepgate;

import io.deepgate.access.InvalidApiKeyException;
import io.deepgate.admission.DrainingException;
import io.deepgate.admission.LimitExceededException;
import io.deepgate.admission.LimitsUnknownException;
import io.deepgate.admission.OverloadedException;
import io.deepgate.api.ApiError;
import io.deepgate.api.InvalidRequestException;
import io.deepgate.api.RequestTimeoutException;
import io.deepgate.api.RequestTooLargeException;
import io.deepgate.api.UnknownPathException;
import io.deepgate.catalog.ModelNotFoundException;
import io.deepgate.forward.CircuitOpenException;
import io.deepgate.forward.UpstreamBusyException;
import io.deepgate.forward.UpstreamRefusedException;
import io.deepgate.forward.UpstreamTimeoutException;
import io.deepgate.forward.UpstreamUnavailableException;
import io.deepgate.usage.JournalFullException;
import io.deepgate.usage.Outcome;
import io.deepgate.usage.UsageUnavailableException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every failure of a call: its outcome, and what the client is told. */
final class ErrorTable {

    /** The status of failures that are the gateway's own, and of no others. */
    static final int INTERNAL_ERROR = 500;

    private static final String INVALID = "invalid_request_error";
    private static final String SERVER = "server_error";
    private static final String QUOTA = "insufficient_quota";
    private static final Map<String, String> CLOSE = Map.of("connection", "close");
    private static final Map<String, String> SOON = Map.of("retry-after", "1");
    private static final Map<String, String> SOON_ELSEWHERE = Map.of("retry-after", "1", "connection", "close");
    private static final Map<String, String> DO_NOT_RETRY = Map.of("x-should-retry", "false");

    private ErrorTable() {}

    static ApiError of(Throwable failure) {
        return switch (failure) {
            case InvalidApiKeyException e -> error(401, INVALID, "invalid_api_key", e);
            case ModelNotFoundException e ->
                new ApiError(404, INVALID, "model_not_found", "model", said(e), Map.of(), null);
            case InvalidRequestException e -> new ApiError(400, INVALID, e.code(), e.param(), said(e), Map.of(), null);
            case UnknownPathException e ->
                error(e.wrongMethod() ? 405 : 404, INVALID, e.wrongMethod() ? "method_not_allowed" : "not_found", e);
            case RequestTooLargeException e -> error(413, INVALID, "request_too_large", e);
            case RequestTimeoutException e -> error(408, INVALID, "request_timeout", e, CLOSE);
            case DrainingException e -> error(503, SERVER, "draining", e, SOON_ELSEWHERE);
            case LimitsUnknownException e -> error(503, SERVER, "limits_unknown", e, SOON);
            case OverloadedException e -> error(503, SERVER, "overloaded", e, SOON);
            case LimitExceededException e
            when e.limit() == LimitExceededException.Limit.BUDGET -> error(429, QUOTA, QUOTA, e, DO_NOT_RETRY);
            case LimitExceededException e ->
                error(429, e.limit().label(), "rate_limit_exceeded", e, retryAfter(e.retryAfter()));
            case CircuitOpenException e -> error(503, SERVER, "upstream_circuit_open", e, retryAfter(e.retryAfter()));
            case UpstreamBusyException e ->
                error(429, "requests", "upstream_rate_limited", e, retryAfter(e.retryAfter()));
            case UsageUnavailableException e -> error(503, SERVER, "usage_unavailable", e, Map.of("retry-after", "5"));
            case JournalFullException e -> error(503, SERVER, "journal_full", e, Map.of("retry-after", "5"));
            case UpstreamRefusedException e -> refused(e);
            case UpstreamUnavailableException e -> later(e.status(), "upstream_unavailable", e);
            case UpstreamTimeoutException e -> later(504, "upstream_timeout", e);
            default ->
                new ApiError(
                        INTERNAL_ERROR,
                        SERVER,
                        "internal_error",
                        null,
                        "The gateway failed; the operators see why.",
                        Map.of(),
                        null);
        };
    }

    static Outcome outcome(Throwable failure) {
        return switch (failure) {
            case UpstreamRefusedException _ -> Outcome.REFUSED;
            case UpstreamTimeoutException _ -> Outcome.TIMED_OUT;
            case DrainingException e -> e.isCut() ? Outcome.TIMED_OUT : Outcome.REJECTED;
            case ModelNotFoundException _,
                    InvalidRequestException _,
                    RequestTooLargeException _,
                    RequestTimeoutException _,
                    LimitExceededException _,
                    LimitsUnknownException _,
                    OverloadedException _,
                    CircuitOpenException _,
                    JournalFullException _,
                    UpstreamBusyException _ -> Outcome.REJECTED;
            // The upstream's failures, and our own: by then it may have been called.
            default -> Outcome.FAILED;
        };
    }

    private static ApiError refused(UpstreamRefusedException e) {
        return switch (e.status()) {
            case 401, 403 ->
                server("upstream_authentication", "The gateway's own key was refused upstream. Tell its operators.");
            case 402 ->
                server("upstream_insufficient_balance", "The gateway's account upstream is empty. Tell its operators.");
            case 429 ->
                new ApiError(
                        429,
                        "requests",
                        "upstream_rate_limited",
                        null,
                        "The upstream limits the gateway's account just now; this is not your tenant's own limit."
                                + " Try again after the time that retry-after gives.",
                        Map.of("retry-after", e.retryAfter() == null ? "1" : e.retryAfter()),
                        null);
            default ->
                new ApiError(e.status(), INVALID, "upstream_refused", null, said(e), Map.of(), envelope(e.body()));
        };
    }

    /** The upstream's body, if it is what clients can read. */
    private static @Nullable String envelope(String body) {
        return body.stripLeading().startsWith("{") ? body : null;
    }

    private static ApiError server(String code, String message) {
        return new ApiError(503, SERVER, code, null, message, DO_NOT_RETRY, null);
    }

    private static ApiError later(int status, String code, Throwable failure) {
        return new ApiError(status, SERVER, code, null, said(failure) + " Try again later.", Map.of(), null);
    }

    private static ApiError error(int status, String type, String code, Throwable failure) {
        return error(status, type, code, failure, Map.of());
    }

    private static ApiError error(
            int status, String type, String code, Throwable failure, Map<String, String> headers) {
        return new ApiError(status, type, code, null, said(failure), headers, null);
    }

    private static String said(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    /** Whole seconds for those who read only {@code retry-after}, never too few. */
    private static Map<String, String> retryAfter(Duration wait) {
        long millis = Math.max(1, Math.ceilDiv(wait.toNanos(), 1_000_000L));
        return Map.of(
                "retry-after", Long.toString(Math.ceilDiv(millis, 1000L)), "retry-after-ms", Long.toString(millis));
    }
}
