package io.deepgate.catalog;

import io.deepgate.access.Tenant;
import io.deepgate.api.Dialect;
import io.deepgate.api.Member;
import io.deepgate.api.RequestBody;
import io.deepgate.api.Splice;
import io.deepgate.catalog.CatalogProperties.UserIds;
import io.netty.buffer.ByteBuf;
import java.util.function.Supplier;

/**
 * Makes of the caller's bytes what the upstream is sent: the same, but for the model's value and what its alias and
 * DeepSeek's differences from OpenAI ask for.
 */
public final class Rewrite {

    private final Supplier<UserIds> userIds;

    Rewrite(Supplier<UserIds> userIds) {
        this.userIds = userIds;
    }

    /**
     * The bytes to send; they share {@code body}'s memory and are the caller's to release.
     *
     * @throws io.deepgate.api.InvalidRequestException if DeepSeek would not take the request and no rule mends it
     */
    public ByteBuf of(RequestBody body, Route route, Tenant tenant, Dialect dialect) {
        Splice splice = new Splice(body);
        Member model = body.members().get("model");
        if (model != null && !route.slug().equals(model.text())) {
            splice.replace(model, '"' + route.slug() + '"');
        }
        OpenAiRules.apply(body, route, dialect, splice);
        CompletionLimit.apply(body, route.parameters(), dialect, splice);
        ThinkingRules.apply(body, route.parameters(), dialect, splice);
        if (userIds.get() == UserIds.PER_TENANT) {
            UserId.apply(body, tenant, dialect, splice);
        }
        return splice.apply();
    }
}
