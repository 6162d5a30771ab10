package org.whylm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.whylm.run.Workspace;

class BoundNumbersTest {

    @TempDir
    Path expected;

    @Test
    void numbersComeFromTheirCells() throws IOException {
        Files.createDirectories(expected.resolve("standard"));
        Files.writeString(expected.resolve("standard/t.csv"), "task,f,g\nmovies,86.84,\nmovies*,88,61\n");
        Files.writeString(expected.resolve("standard/v.csv"), "claim,on,value\nhelps,movies,0.0137\n");
        assertEquals("""
                f is at 86.8<!--standard/t|movies|f-->, the gain +1.4<!--standard/v|helps / movies|value×100--> points.

                <!--table standard/t-->
                | task | f | g |
                | --- | ---: | ---: |
                | movies | 86.8 | |
                | movies* | 88.0 | 61.0 |

                | other | 1.5 |
                """, BoundNumbers.updated("""
                f is at 12.3<!--standard/t|movies|f-->, the gain +9.9<!--standard/v|helps / movies|value×100--> points.

                <!--table standard/t-->
                | task | f | g |
                | --- | ---: | ---: |
                | movies | 1.1 | 2.2 |
                | movies* | 1.1 | |

                | other | 1.5 |
                """, expected));
        assertThrows(
                IllegalArgumentException.class, () -> BoundNumbers.updated("1<!--standard/t|films|f-->", expected));
    }

    /** -0.0805 of a table is rounded from a number on either side: written as -8.0 it would say what nobody knows. */
    @Test
    void aNumberHalfWayBetweenTwoIsNotRoundedAgain() throws IOException {
        Files.createDirectories(expected.resolve("standard"));
        Files.writeString(expected.resolve("standard/v.csv"), "claim,on,value\nnear,news,-0.0805\n");
        assertThrows(
                IllegalArgumentException.class,
                () -> BoundNumbers.updated("-8.0<!--standard/v|near / news|value×100-->", expected));
        assertEquals(
                "-8.05<!--standard/v|near / news|value×100-->",
                BoundNumbers.updated("0.00<!--standard/v|near / news|value×100-->", expected));
    }

    /** What README says was measured is what the expected tables say; no result stands there unbound. */
    @Test
    void theReadmeSaysWhatTheTablesSay() throws IOException {
        var root = Workspace.current().root();
        var readme = Files.readString(root.resolve("README.md"));
        assertEquals(BoundNumbers.updated(readme, root.resolve("expected")), readme, "run ./whylm verify --update");
        var results = readme.substring(readme.indexOf("## A result"), readme.indexOf("## Your own model"));
        var tables = results.replaceAll("(?s)<!--table [^>]+-->\n(\\|[^\n]*\n)+", "");
        var unbound = Pattern.compile("[0-9]+\\.[0-9]+(?![0-9]*(<!--|\\)))").matcher(tables);
        assertTrue(!unbound.find(), () -> "not bound to a cell: " + unbound.group());
    }
}
