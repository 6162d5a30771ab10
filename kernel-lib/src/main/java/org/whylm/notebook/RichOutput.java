package org.whylm.notebook;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * How a Java kernel shows values. JJava came of IJava: the classes that render have the same names and methods in both, in
 * packages of their own. They are reached by reflection, so that one library serves either and needs neither.
 */
final class RichOutput {

    /** Media types that both kernels and their front ends know. */
    static final String TEXT = "text/plain", HTML = "text/html", SVG = "image/svg+xml", PNG = "image/png";

    private final Object renderer;

    /** @param renderer a kernel's {@code display.Renderer} */
    RichOutput(Object renderer) {
        this.renderer = renderer;
    }

    /**
     * Shows values of a type.
     *
     * @param type also of its subtypes that have no forms of their own
     * @param forms by media type, all that a front end gets unless it asks for some; pixels in base 64
     */
    <T> void register(Class<T> type, Map<String, Function<T, String>> forms) {
        try {
            var function = sibling("RenderFunction");
            var render = Proxy.newProxyInstance(
                    function.getClassLoader(), new Class<?>[] {function}, (self, method, arguments) -> {
                        if (method.getDeclaringClass() == Object.class) {
                            return method.invoke(forms, arguments);
                        }
                        render(type.cast(arguments[0]), forms, arguments[1]);
                        return null;
                    });
            var registration = renderer.getClass()
                    .getMethod("createRegistration", Class.class)
                    .invoke(renderer, type);
            var preferred = (Object) forms.keySet().toArray(String[]::new);
            registration.getClass().getMethod("preferring", String[].class).invoke(registration, preferred);
            registration.getClass().getMethod("register", function).invoke(registration, render);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Values are not shown richly in this kernel", e);
        }
    }

    private <T> void render(T value, Map<String, Function<T, String>> forms, Object context) throws Throwable {
        var mediaType = sibling("mime.MIMEType");
        var parse = mediaType.getMethod("parse", String.class);
        var renderIfRequested = sibling("RenderContext").getMethod("renderIfRequested", mediaType, Supplier.class);
        try {
            for (var form : forms.entrySet()) {
                Supplier<Object> text = () -> form.getValue().apply(value);
                renderIfRequested.invoke(context, parse.invoke(null, form.getKey()), text);
            }
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private Class<?> sibling(String name) throws ClassNotFoundException {
        var type = renderer.getClass();
        return Class.forName(type.getPackageName() + "." + name, true, type.getClassLoader());
    }
}
