package org.whylm;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.whylm.run.Engine;

/** The packages stand in the order in which data flows (README, Layout); each uses only those before it. */
class PackageOrderTest {

    private static final List<String> ORDER = Stream.of(
                    "run",
                    "statistics",
                    "data",
                    "lm.weights",
                    "lm",
                    "features",
                    "probe",
                    "objective",
                    "train",
                    "theory",
                    "report",
                    "task",
                    "notebook",
                    "cli")
            .map("org.whylm."::concat)
            .toList();

    private static final JavaClasses LIBRARY = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.whylm");

    @Test
    void everyClassIsInOneOfThePackages() {
        classes().should().resideInAnyPackage(ORDER.toArray(String[]::new)).check(LIBRARY);
    }

    @TestFactory
    Stream<DynamicTest> eachPackageUsesOnlyThoseBeforeIt() {
        return IntStream.range(0, ORDER.size() - 1)
                .mapToObj(i -> dynamicTest(ORDER.get(i), () -> noClasses()
                        .that()
                        .resideInAPackage(ORDER.get(i))
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(ORDER.subList(i + 1, ORDER.size()).toArray(String[]::new))
                        .allowEmptyShould(true)
                        .check(LIBRARY)));
    }

    @Test
    void nothingUsesTheNotebookButTheKernel() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.whylm.notebook")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.whylm.notebook", "org.dflib.jjava..")
                .check(LIBRARY);
    }

    /** Numbers print with the same digits in every country: whoever formats one names the locale. */
    @Test
    void formattingNamesItsLocale() {
        var formats = describe("format in the locale of the machine", (JavaCall<?> call) -> {
            var target = call.getTarget();
            return List.of("format", "formatted", "printf").contains(target.getName())
                    && List.of("java.lang.String", "java.io.PrintWriter", "java.io.PrintStream")
                            .contains(target.getOwner().getName())
                    && target.getRawParameterTypes().stream()
                            .noneMatch(type -> type.getName().equals("java.util.Locale"));
        });
        noClasses().should().callCodeUnitWhere(formats).check(LIBRARY);
    }

    /** {@code Engine} is the one door to native memory that the packages share. */
    @Test
    void publicMethodsShowNoNativeMemory() {
        methods()
                .that()
                .arePublic()
                .and()
                .areDeclaredInClassesThat(arePublic())
                .and()
                .areNotDeclaredIn(Engine.class)
                .should(mentionNoType("ai.djl.ndarray.NDManager"))
                .check(LIBRARY);
    }

    /** Models, objectives and the trainer pass native arrays among themselves; nobody else sees one. */
    @Test
    void nativeArraysStayWhereTrainingIs() {
        methods()
                .that()
                .arePublic()
                .and()
                .areDeclaredInClassesThat(arePublic())
                .and()
                .areDeclaredInClassesThat()
                .resideOutsideOfPackages("org.whylm.lm", "org.whylm.objective", "org.whylm.train")
                .and()
                .areNotDeclaredIn(Engine.class)
                .should(mentionNoType("ai.djl.ndarray."))
                .check(LIBRARY);
    }

    private static DescribedPredicate<JavaClass> arePublic() {
        return describe("are public", type -> type.getModifiers().contains(JavaModifier.PUBLIC));
    }

    private static ArchCondition<JavaMethod> mentionNoType(String prefix) {
        return new ArchCondition<>("not take or return a type of " + prefix) {
            @Override
            public void check(JavaMethod method, ConditionEvents events) {
                Stream.concat(method.getRawParameterTypes().stream(), Stream.of(method.getRawReturnType()))
                        .map(JavaClass::getName)
                        .filter(name -> name.startsWith(prefix))
                        .forEach(name -> events.add(
                                SimpleConditionEvent.violated(method, method.getFullName() + " shows " + name)));
            }
        };
    }
}
