package io.deepgate;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import io.deepgate.api.ApiError;
import io.deepgate.api.Envelope;
import org.junit.jupiter.api.Test;
import org.springframework.modulith.core.ApplicationModules;

/** The law of the house: a package uses only packages that its package-info allows, and nobody uses the root. */
class HouseTests {

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.deepgate");

    @Test
    void packagesUseOnlyWhatTheyMay() {
        ApplicationModules.of(DeepgateApplication.class.getPackageName()).verify();
    }

    @Test
    void packagesFormNoCircle() {
        slices().matching("io.deepgate.(*)..").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void nobodyUsesTheRoot() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage("io.deepgate.*..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.deepgate")
                .check(MAIN);
    }

    @Test
    void namesSaySomething() {
        assertThat(MAIN)
                .extracting(type -> type.getSimpleName())
                .filteredOn(name -> name.matches(".*(Impl|Util|Utils|Helper|Manager|Service|DTO|Info|Base|Common)"))
                .isEmpty();
    }

    /** One who writes an error past the {@code ErrorWriter} forgets whom its reader may ask; operators ask nobody. */
    @Test
    void errorsOfTenantsHaveOneWriter() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideOutsideOfPackages("io.deepgate.api", "io.deepgate.watch")
                .should()
                .callMethod(ApiError.class, "body", Envelope.class)
                .check(MAIN);
    }
}
