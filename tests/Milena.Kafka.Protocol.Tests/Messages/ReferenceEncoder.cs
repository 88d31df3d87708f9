using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Milena.Kafka.Protocol.Generator.Model;

namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>A second, slow encoder that follows the definition at run time, and that can also break its rules.</summary>
internal sealed class ReferenceEncoder(MessageSchema message, short version)
{
    private readonly List<byte> _output = [];
    private readonly bool _flexible = message.IsFlexible(version);

    /// <summary>Adds a tag that no definition has to every tag section.</summary>
    public bool AddsUnknownTags { get; init; }

    /// <summary>Writes this field as null, whether it may be or not.</summary>
    public FieldDefinition? ForcedNull { get; init; }

    public byte[] Encode(object body)
    {
        Struct(message.Body, body);
        return [.. _output];
    }

    private void Struct(StructSchema schema, object owner)
    {
        foreach (FieldSchema field in schema.Fields.Where(f => f.Definition.Tag is null && f.IsPresent(version)))
        {
            Field(schema, field, field.Get(owner), _flexible && !field.Definition.IsNeverFlexible);
        }

        if (_flexible)
        {
            Tags(schema, owner);
        }
    }

    private void Tags(StructSchema schema, object owner)
    {
        object standard = schema.Create();
        var set = schema.Fields
            .Where(f => f.Definition.Tag is not null && f.IsPresent(version) && !StructuralEquality.Equals(schema, f, f.Get(owner), f.Get(standard)))
            .ToDictionary(f => f.Definition.Tag!.Value, f => Nested(schema, f, f.Get(owner)));
        if (AddsUnknownTags)
        {
            set.Add(77, []);
            set.Add(123456, [1, 2, 3]);
        }

        UnsignedVarint((uint)set.Count);
        foreach ((int tag, byte[] value) in set.OrderBy(pair => pair.Key))
        {
            UnsignedVarint((uint)tag);
            UnsignedVarint((uint)value.Length);
            _output.AddRange(value);
        }
    }

    private byte[] Nested(StructSchema schema, FieldSchema field, object? value)
    {
        var encoder = new ReferenceEncoder(message, version) { AddsUnknownTags = AddsUnknownTags, ForcedNull = ForcedNull };
        encoder.Field(schema, field, value, true);
        return [.. encoder._output];
    }

    private void Field(StructSchema schema, FieldSchema field, object? value, bool flexible)
    {
        if (ReferenceEquals(field.Definition, ForcedNull))
        {
            value = null;
        }

        if (field.Definition.IsArray)
        {
            List<object>? items = value is null ? null : [.. ((System.Collections.IEnumerable)value).Cast<object>()];
            Length(items?.Count ?? -1, flexible, 4);
            items?.ForEach(item => Element(schema, field, item, flexible));
            return;
        }

        if (field.Definition.IsStruct && field.Definition.IsNullable)
        {
            _output.Add(value is null ? (byte)0xff : (byte)1);
            if (value is null)
            {
                return;
            }
        }

        Element(schema, field, value, flexible);
    }

    private void Element(StructSchema schema, FieldSchema field, object? value, bool flexible)
    {
        switch (field.Definition.Type)
        {
            case "bool": _output.Add((bool)value! ? (byte)1 : (byte)0); break;
            case "int8": Integer((sbyte)value!, 1); break;
            case "int16": Integer(Convert.ToInt16(value, null), 2); break;
            case "int32": Integer((int)value!, 4); break;
            case "int64": Integer((long)value!, 8); break;
            case "uint16": Integer((ushort)value!, 2); break;
            case "uint32": Integer((uint)value!, 4); break;
            case "float64": Integer(BitConverter.DoubleToInt64Bits((double)value!), 8); break;
            case "uuid": _output.AddRange(Convert.FromHexString(((Guid)value!).ToString("N"))); break;
            case "string": Sequence(value is null ? null : Encoding.UTF8.GetBytes((string)value), flexible, 2); break;
            case "bytes" or "records": Sequence(((ReadOnlyMemory<byte>?)value)?.ToArray(), flexible, 4); break;
            default: Struct(schema.StructOf(field), value!); break;
        }
    }

    private void Sequence(byte[]? bytes, bool flexible, int lengthSize)
    {
        Length(bytes?.Length ?? -1, flexible, lengthSize);
        _output.AddRange(bytes ?? []);
    }

    private void Length(int length, bool flexible, int size)
    {
        if (flexible)
        {
            UnsignedVarint((uint)(length + 1));
        }
        else
        {
            Integer(length, size);
        }
    }

    private void Integer(long value, int size)
    {
        Span<byte> all = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(all, value);
        _output.AddRange(all[^size..]);
    }

    private void UnsignedVarint(BigInteger value)
    {
        for (; value >= 128; value /= 128)
        {
            _output.Add((byte)(value % 128 + 128));
        }

        _output.Add((byte)value);
    }
}
