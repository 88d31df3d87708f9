using Milena.Kafka.Protocol.Generator.Model;

namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>A definition beside the class that was generated from it.</summary>
internal sealed class MessageSchema
{
    private readonly ReadMessage _read;

    public MessageSchema(Definition definition, MessageDefinition message)
    {
        Definition = definition;
        Name = definition.Name + message.Section switch { "request" => "Request", "response" => "Response", _ => "" };
        Type = typeof(IMessage).Assembly.GetType("Milena.Kafka.Protocol.Messages." + Name, throwOnError: true)!;
        Body = new StructSchema(message, message.Body, Type);
        _read = typeof(MessageSchema).GetMethod(nameof(ReadAs), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!
            .MakeGenericMethod(Type).CreateDelegate<ReadMessage>();
    }

    private delegate IMessage ReadMessage(ref ProtocolReader reader, short version);

    public Definition Definition { get; }

    public string Name { get; }

    public Type Type { get; }

    public StructSchema Body { get; }

    public IEnumerable<short> Versions =>
        Enumerable.Range(Definition.Versions.Lowest, Definition.Versions.Highest - Definition.Versions.Lowest + 1).Select(v => (short)v);

    public bool IsFlexible(short version) => Definition.Flexible.Contains(version);

    public IMessage Read(ref ProtocolReader reader, short version) => _read(ref reader, version);

    public IMessage Decode(ReadOnlyMemory<byte> bytes, short version, out int left)
    {
        var reader = new ProtocolReader(bytes);
        IMessage message = _read(ref reader, version);
        left = reader.Remaining;
        return message;
    }

    public override string ToString() => Name;

    private static IMessage ReadAs<T>(ref ProtocolReader reader, short version)
        where T : IMessage<T> => T.Read(ref reader, version);
}
