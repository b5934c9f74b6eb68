package io.deepgate.watch.replay;

import io.deepgate.catalog.CatalogProperties;
import io.deepgate.catalog.CatalogProperties.AliasEntry;
import io.deepgate.catalog.Price;
import io.deepgate.catalog.Prices;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What answers cost, by the configuration of the machine that replays. */
final class Pricing {

    private final CatalogProperties catalog;
    private final Prices prices;

    Pricing(CatalogProperties catalog) {
        this.catalog = catalog;
        prices = new Prices(catalog.prices(), catalog.peaks());
    }

    /** Whether {@code model} has a price now. */
    boolean knows(String model) {
        return price(model) != null;
    }

    /** Nanodollars; null if that is not known. */
    @Nullable
    Long cost(String model, Reply reply) {
        Price price = price(model);
        return price == null ? null : price.nanos(reply.cached(), reply.uncached(), reply.output());
    }

    /** That of the alias's slug, else of the slug that a model is by its own name. */
    private @Nullable Price price(String model) {
        AliasEntry alias = catalog.aliases().get(model);
        String slug = alias == null || alias.slug() == null ? model : alias.slug();
        return prices.of(slug, Instant.now());
    }
}
