/**
 * Chat templates: the subset of Jinja that models' templates are written in, with the settings of
 * the transformers library. A template is data from elsewhere, so it reaches nothing but the values
 * it is given: no Java object, no file, no other template.
 */
package dev.troupe.runtime.template;
