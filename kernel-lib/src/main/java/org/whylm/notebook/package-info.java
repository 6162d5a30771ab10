/**
 * Extensions of the JJava kernel, found by it as services when this library comes on the class path: tables of Tablesaw,
 * charts of XChart and this library's own values as HTML and SVG, progress on one line, Javadoc on inspection. Under another
 * kernel of the family the same values show as text. The extensions for Tablesaw and XChart need neither each other nor a
 * language model.
 */
package org.whylm.notebook;
