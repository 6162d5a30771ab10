package org.whylm.notebook;

import java.lang.reflect.InaccessibleObjectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.jshell.JShell;
import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.whylm.run.Workspace;

/**
 * Lets inspection (Shift+Tab) show the Javadoc of this library. JShell takes documentation from sources, and looks for them
 * only in the JDK; there is no public way to name others, but JJava opens JShell's internals when it starts. Where that is
 * not so, inspection shows signatures only.
 */
public final class JavadocExtension implements Extension {

    @Override
    public void install(BaseKernel kernel) {
        try {
            var sources = Workspace.current().root().resolve(Path.of("kernel-lib", "src", "main", "java"));
            if (Files.isDirectory(sources)) {
                var shell = (JShell) kernel.getClass().getMethod("getJShell").invoke(kernel);
                addSources(shell, sources);
            }
        } catch (ReflectiveOperationException | InaccessibleObjectException | IllegalStateException e) {
            // Signatures without Javadoc: no reason to stop the notebook.
        }
    }

    private static void addSources(JShell shell, Path sources) throws ReflectiveOperationException {
        var analysis = shell.sourceCodeAnalysis();
        var find = analysis.getClass().getDeclaredMethod("findSources");
        find.setAccessible(true);
        var extended = new ArrayList<Object>((List<?>) find.invoke(analysis));
        extended.add(sources);
        var field = analysis.getClass().getDeclaredField("availableSources");
        field.setAccessible(true);
        field.set(analysis, extended);
    }
}
