namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>Properties of every message at every version, on random values of fixed seeds.</summary>
public sealed class RoundTripTests
{
    private const int MessagesPerVersion = 25;

    private static IEnumerable<TestCaseData> Cases => Catalog.MessageCases;

    [TestCaseSource(nameof(Cases))]
    public void Random_values_survive_and_take_the_bytes_that_the_definition_says(object of)
    {
        var schema = (MessageSchema)of;
        foreach (short version in schema.Versions)
        {
            var random = new Random(version);
            for (int i = 0; i < MessagesPerVersion; i++)
            {
                object original = new RandomMessage(random, version, full: i == 0).Create(schema.Body);
                byte[] bytes = Wire.Encode((IMessage)original, version);
                IMessage decoded = schema.Decode(bytes, version, out int left);
                Assert.Multiple(() =>
                {
                    Assert.That(left, Is.Zero, $"{schema} {version}: bytes left");
                    Assert.That(StructuralEquality.FirstDifference(schema.Body, original, decoded), Is.Null, $"{schema} {version}");
                    Assert.That(bytes, Is.EqualTo(new ReferenceEncoder(schema, version).Encode(original)), $"{schema} {version}: bytes");
                });
            }
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void Unknown_tags_are_skipped_in_every_struct(object of)
    {
        var schema = (MessageSchema)of;
        foreach (short version in schema.Versions.Where(schema.IsFlexible))
        {
            object original = new RandomMessage(new Random(version), version, full: true).Create(schema.Body);
            byte[] bytes = new ReferenceEncoder(schema, version) { AddsUnknownTags = true }.Encode(original);
            IMessage decoded = schema.Decode(bytes, version, out int left);
            Assert.That(left, Is.Zero, $"{schema} {version}: bytes left");
            Assert.That(StructuralEquality.FirstDifference(schema.Body, original, decoded), Is.Null, $"{schema} {version}");
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void A_field_that_the_version_lacks_is_an_error_or_dropped_if_ignorable(object of)
    {
        var schema = (MessageSchema)of;
        foreach (short version in schema.Versions)
        {
            var random = new RandomMessage(new Random(version), version, full: true);
            object message = random.Create(schema.Body);
            byte[] bytes = Wire.Encode((IMessage)message, version);
            foreach ((StructSchema owner, object instance) in Structs(schema.Body, message, version))
            {
                foreach (FieldSchema field in owner.Fields.Where(f => !f.IsPresent(version)))
                {
                    string place = $"{schema} {version}: {owner.Type.Name}.{field}";
                    object? standard = field.Get(instance);
                    object? value = new RandomMessage(new Random(version), (short)field.Definition.Versions.Highest, full: true).OtherThanDefault(owner, field);
                    field.Set(instance, value);
                    if (field.Definition.IsIgnorable)
                    {
                        Assert.That(Wire.Encode((IMessage)message, version), Is.EqualTo(bytes), place);
                    }
                    else
                    {
                        Assert.That(() => Wire.Encode((IMessage)message, version), Throws.TypeOf<UnsupportedFieldException>().With.Message.Contains(field.Name), place);
                    }

                    field.Set(instance, standard);
                }
            }
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void Null_where_the_version_forbids_it_is_an_error_in_both_directions(object of)
    {
        var schema = (MessageSchema)of;
        foreach (short version in schema.Versions)
        {
            object message = new RandomMessage(new Random(version), version, full: true).Create(schema.Body);
            foreach ((StructSchema owner, object instance) in Structs(schema.Body, message, version))
            {
                foreach (FieldSchema field in owner.Fields.Where(f => f.IsPresent(version) && !f.MayBeNull(version) && CanBeNullOnTheWire(f)))
                {
                    string place = $"{schema} {version}: {owner.Type.Name}.{field}";
                    byte[] forced = new ReferenceEncoder(schema, version) { ForcedNull = field.Definition }.Encode(message);
                    Assert.That(() => schema.Decode(forced, version, out _), Throws.TypeOf<ProtocolException>(), place);

                    object? value = field.Get(instance);
                    field.Set(instance, null);
                    if (field.Get(instance) is null)
                    {
                        Assert.That(() => Wire.Encode((IMessage)message, version), Throws.TypeOf<ProtocolException>().With.Message.Contains(field.Name), place);
                    }

                    field.Set(instance, value);
                }
            }
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void A_version_that_is_not_known_is_an_error(object of)
    {
        var schema = (MessageSchema)of;
        foreach (int version in new[] { schema.Definition.Versions.Lowest - 1, schema.Definition.Versions.Highest + 1, short.MinValue, short.MaxValue })
        {
            Assert.That(() => schema.Decode(new byte[100], (short)version, out _), Throws.TypeOf<ProtocolException>().With.Message.Contains(schema.Name));
            Assert.That(() => Wire.Encode((IMessage)schema.Body.Create(), (short)version), Throws.TypeOf<ProtocolException>().With.Message.Contains(schema.Name));
        }
    }

    private static bool CanBeNullOnTheWire(FieldSchema field) =>
        field.Definition.IsArray || field.Definition.Type is "string" or "bytes" or "records";

    /// <summary>The structs of a full message that a version carries, body first.</summary>
    private static IEnumerable<(StructSchema Schema, object Instance)> Structs(StructSchema schema, object instance, short version)
    {
        yield return (schema, instance);
        foreach (FieldSchema field in schema.Fields.Where(f => f.IsPresent(version) && f.Definition.IsStruct))
        {
            object value = field.Get(instance)!;
            object child = field.Definition.IsArray ? ((System.Collections.IList)value)[0]! : value;
            foreach ((StructSchema, object) nested in Structs(schema.StructOf(field), child, version))
            {
                yield return nested;
            }
        }
    }
}
