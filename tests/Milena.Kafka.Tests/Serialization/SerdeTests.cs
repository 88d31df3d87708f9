using System.Buffers;
using System.Text;
using System.Text.Json.Serialization;

namespace Milena.Kafka.Tests.Serialization;

/// <summary>The expected bytes are those of the Java client's serializers.</summary>
public partial class SerdeTests
{
    private static readonly SerializationContext Context = new("orders", RecordPart.Value);

    private static readonly object[] JavaBytes =
    [
        new object[] { Serde.Int32, 0x01020304, "01020304" },
        new object[] { Serde.Int32, -2, "FFFFFFFE" },
        new object[] { Serde.Int64, 0x0102030405060708L, "0102030405060708" },
        new object[] { Serde.Int16, (short)-2, "FFFE" },
        new object[] { Serde.Single, 1.5f, "3FC00000" },
        new object[] { Serde.Double, -1.5d, "BFF8000000000000" },
        new object[] { Serde.Boolean, true, "01" },
        new object[] { Serde.Boolean, false, "00" },
        new object[] { Serde.Guid, Guid.Parse("123e4567-e89b-12d3-a456-426614174000"), Convert.ToHexString("123e4567-e89b-12d3-a456-426614174000"u8) },
    ];

    [TestCaseSource(nameof(JavaBytes))]
    public void Values_have_the_bytes_that_Java_writes<T>(ISerde<T> serde, T value, string hex)
    {
        byte[] bytes = Serialize(serde, value);

        Assert.That(Convert.ToHexString(bytes), Is.EqualTo(hex));
        Assert.That(serde.Deserialize(bytes, isNull: false, Context), Is.EqualTo(value));
    }

    [Test]
    public void Text_is_UTF_8([Values("", "plain", "ä€𝄞")] string text)
    {
        byte[] bytes = Serialize(Serde.String, text);

        Assert.That(bytes, Is.EqualTo(Encoding.UTF8.GetBytes(text)));
        Assert.That(Serde.String.Deserialize(bytes, isNull: false, Context), Is.EqualTo(text));
    }

    [Test]
    public void Bytes_are_copied_as_they_are()
    {
        byte[] bytes = [0, 1, 255];

        Assert.That(Serialize(Serde.ByteArray, bytes), Is.EqualTo(bytes));
        Assert.That(Serde.ByteArray.Deserialize(bytes, isNull: false, Context), Is.EqualTo(bytes).And.Not.SameAs(bytes));
        Assert.That(Serialize(Serde.Memory, bytes), Is.EqualTo(bytes));
        Assert.That(Serde.Memory.Deserialize(bytes, isNull: false, Context).ToArray(), Is.EqualTo(bytes));
    }

    [Test]
    public void Null_is_null_where_the_type_can_hold_it()
    {
        Assert.That(Serde.String.Deserialize([], isNull: true, Context), Is.Null);
        Assert.That(Serde.ByteArray.Deserialize([], isNull: true, Context), Is.Null);
        Assert.That(Serde.Default<int?>().Deserialize([], isNull: true, Context), Is.Null);
        Assert.That(Serde.Default<ReadOnlyMemory<byte>?>().Deserialize([], isNull: true, Context), Is.Null);
        Assert.That(Serde.Default<Order>().Deserialize([], isNull: true, Context), Is.Null);
        Assert.That(Serde.Ignore.Deserialize([1, 2], isNull: false, Context), Is.Null);
    }

    [Test]
    public void Null_is_refused_where_the_type_cannot_hold_it()
    {
        Assert.That(() => Serde.Int32.Deserialize([], isNull: true, Context), Throws.TypeOf<SerializationException>().With.Message.Contains("orders"));
        Assert.That(() => Serde.Guid.Deserialize([], isNull: true, Context), Throws.TypeOf<SerializationException>());
    }

    [Test]
    public void Bytes_of_another_length_are_refused()
    {
        Assert.That(() => Serde.Int32.Deserialize([1, 2, 3], isNull: false, Context), Throws.TypeOf<SerializationException>().With.Message.Contains("3 bytes"));
        Assert.That(() => Serde.Guid.Deserialize("123e4567"u8, isNull: false, Context), Throws.TypeOf<SerializationException>());
    }

    [Test]
    public void Other_types_are_JSON_by_default()
    {
        var order = new Order("42", 9.5m);

        byte[] bytes = Serialize(Serde.Default<Order>(), order);

        Assert.That(Encoding.UTF8.GetString(bytes), Is.EqualTo("""{"Id":"42","Total":9.5}"""));
        Assert.That(Serde.Default<Order>().Deserialize(bytes, isNull: false, Context), Is.EqualTo(order));
    }

    [Test]
    public void JSON_takes_a_source_generated_contract()
    {
        ISerde<Order?> serde = Serde.Json(OrderContext.Default.Order);
        var order = new Order("ä", 1);

        Assert.That(serde.Deserialize(Serialize(serde, order), isNull: false, Context), Is.EqualTo(order));
        Assert.That(() => serde.Deserialize("{"u8, isNull: false, Context), Throws.TypeOf<SerializationException>().With.Message.Contains("Order"));
    }

    private static byte[] Serialize<T>(ISerializer<T> serializer, T value)
    {
        var output = new ArrayBufferWriter<byte>();
        serializer.Serialize(value, output, Context);
        return output.WrittenSpan.ToArray();
    }

    internal sealed record Order(string Id, decimal Total);

    [JsonSerializable(typeof(Order))]
    private sealed partial class OrderContext : JsonSerializerContext;
}
