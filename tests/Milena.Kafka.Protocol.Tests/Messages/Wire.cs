using System.Buffers;

namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>Writes messages to plain and gathering buffers.</summary>
internal static class Wire
{
    public static byte[] Encode(IMessage message, short version) => Encode(new ArrayBufferWriter<byte>(), [(message, version)]).WrittenSpan.ToArray();

    public static byte[] EncodeFrame(IMessage header, short headerVersion, IMessage body, short version) =>
        Encode(new ArrayBufferWriter<byte>(), [(header, headerVersion), (body, version)]).WrittenSpan.ToArray();

    public static byte[] EncodeGathered(IMessage header, short headerVersion, IMessage body, short version) =>
        Encode(new GatheringBuffer(), [(header, headerVersion), (body, version)]).ToArray();

    private static T Encode<T>(T output, (IMessage Message, short Version)[] parts)
        where T : IBufferWriter<byte>
    {
        var writer = new ProtocolWriter(output);
        foreach ((IMessage message, short version) in parts)
        {
            long before = writer.Written;
            message.Write(ref writer, version);
            Assert.That(message.GetSize(version), Is.EqualTo(writer.Written - before), "the predicted size is the written one");
        }

        writer.Flush();
        return output;
    }
}
