package io.deepgate.catalog;

/** The model is unknown, or not this tenant's; deliberately the same to the caller. */
public final class ModelNotFoundException extends RuntimeException {

    public ModelNotFoundException(String model) {
        super(
                "The model '" + model + "' does not exist or you may not use it. GET /v1/models lists yours.",
                null,
                false,
                false);
    }
}
