using Milena.Kafka.Protocol.Generator.Model;

namespace Milena.Kafka.Protocol.Generator.Emit;

/// <summary>Writes the members of one class: properties, Read, GetSize and Write.</summary>
internal static class StructEmitter
{
    public static void EmitMembers(StructContext context, CodeWriter code)
    {
        foreach (FieldDefinition field in context.Fields)
        {
            EmitProperty(context, field, code);
        }

        if (context.IsComparedWithDefault)
        {
            string set = string.Join(" || ", context.Fields.Select(f => context.TypeOf(f).IsSet(f.Name)));
            code.Line($"internal bool HasOnlyDefaults => !({set});");
            code.Line();
        }

        new ReadEmitter(context, code).Emit();
        new SizeEmitter(context, code).Emit();
        new WriteEmitter(context, code).Emit();
    }

    private static void EmitProperty(StructContext context, FieldDefinition field, CodeWriter code)
    {
        FieldType type = context.TypeOf(field);
        code.Doc("summary", Describe(field));
        if (type.IsLazy)
        {
            string fresh = field.IsArray ? "[]" : "new()";
            code.Line($"public {type.CSharp} {field.Name} {{ get => field ??= {fresh}; set; }}");
        }
        else
        {
            string initializer = type.Initializer is { } literal ? $" = {literal};" : "";
            code.Line($"public {type.CSharp} {field.Name} {{ get; set; }}{initializer}");
        }

        code.Line();
    }

    private static string Describe(FieldDefinition field)
    {
        string text = $"{(field.IsArray ? "Array of " : "")}{field.Type}, versions {field.DeclaredVersions}";
        text += field.IsNullable ? field.Nullable.Contains(field.Versions) ? ", nullable" : $", nullable in {field.DeclaredNullable}" : "";
        text += field.Tag is { } tag ? $", tag {tag}" : "";
        text += field.Default is { } value ? $", default {value}" : "";
        text += field.Entity is { } entity ? $", names a {entity}" : "";
        text += field.IsKey ? ", key of the element" : "";
        text += field.IsIgnorable ? ", dropped silently where a version lacks it" : "";
        return text + ".";
    }
}
