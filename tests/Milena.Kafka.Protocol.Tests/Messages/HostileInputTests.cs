namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>Bytes that are not what they claim to be: cut off, changed, or made to look large.</summary>
[NonParallelizable]
public sealed class HostileInputTests
{
    /// <summary>An object of every 3 bytes is the worst that a definition allows; see the test of the densest frames.</summary>
    private const int BytesPerByte = 48;

    /// <summary>The exception with its message, and the objects of a message without elements.</summary>
    private const int ConstantBytes = 16 * 1024;

    private const int Mutations = 100_000;

    private static IEnumerable<TestCaseData> Cases => Catalog.MessageCases;

    private static IEnumerable<string> RecordedApis => VectorFile.Apis;

    private static List<(MessageSchema Schema, short Version, byte[] Body)> Bodies { get; } =
        [.. Catalog.MessagesAtVersions.SelectMany(m => new[] { RandomBody(m.Message, m.Version, true), RandomBody(m.Message, m.Version, false) }), .. RecordedBodies(4096)];

    [TestCaseSource(nameof(Cases))]
    public void Every_truncation_of_a_random_message_is_refused(object of)
    {
        var schema = (MessageSchema)of;
        foreach (short version in schema.Versions)
        {
            byte[] bytes = Wire.Encode((IMessage)new RandomMessage(new Random(version), version, full: true).Create(schema.Body), version);

            // Long payloads are cut near their ends only.
            foreach (int length in Enumerable.Range(0, bytes.Length).Where(n => n < 600 || n > bytes.Length - 200 || n % 97 == 0))
            {
                Assert.That(Refuses(schema, version, bytes.AsMemory(0, length)), Is.True, $"{schema} {version}: {length} of {bytes.Length} bytes");
            }
        }
    }

    [TestCaseSource(nameof(RecordedApis))]
    public void Every_truncation_of_a_recorded_frame_is_refused(string name)
    {
        Api api = Protocol.Apis.All.Single(a => a.Key.ToString() == name);
        foreach (Frame frame in VectorFile.Read(name).Where(f => f.Bytes.Length <= 300).DistinctBy(f => Convert.ToHexString(f.Bytes.AsSpan(Math.Min(12, f.Bytes.Length)))))
        {
            for (int length = 0; length < frame.Bytes.Length; length++)
            {
                Assert.That(() => frame.Decode(api, frame.Version, frame.Bytes.AsMemory(0, length)), Throws.TypeOf<ProtocolException>(), $"{frame}: {length} of {frame.Bytes.Length} bytes");
            }
        }
    }

    [Test]
    [CancelAfter(120_000)]
    public void Random_mutations_are_read_or_refused_within_bounded_memory(CancellationToken cancellationToken)
    {
        var random = new Random(20260822);
        int refused = 0;
        double worst = 0;
        for (int i = 0; i < Mutations; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (MessageSchema schema, short version, byte[] body) = Bodies[random.Next(Bodies.Count)];
            byte[] mutated = Mutation.Of(body, random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            refused += Refuses(schema, version, mutated) ? 1 : 0;
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            worst = Math.Max(worst, allocated / (double)(BytesPerByte * mutated.Length + ConstantBytes));
            if (allocated > (BytesPerByte * (long)mutated.Length) + ConstantBytes)
            {
                Assert.Fail($"Mutation {i} of {schema} {version}, {mutated.Length} bytes, took {allocated:N0} bytes: {Convert.ToHexString(mutated)}");
            }
        }

        TestContext.Out.WriteLine($"{Mutations} mutations of {Bodies.Count} bodies, {refused} refused, at most {worst:P0} of the allowed memory");
        Assert.That(refused, Is.InRange(Mutations / 4, Mutations), "mutations that change nothing of weight prove nothing");
    }

    [TestCaseSource(nameof(Cases))]
    public void The_densest_frames_take_bounded_memory(object of)
    {
        var schema = (MessageSchema)of;
        double worst = 0;
        foreach (short version in schema.Versions)
        {
            foreach (byte[] bytes in DenseFrames.Of(schema, version, 2000))
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                schema.Decode(bytes, version, out _);
                long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                worst = Math.Max(worst, allocated / (double)bytes.Length);
                Assert.That(allocated, Is.LessThanOrEqualTo((BytesPerByte * (long)bytes.Length) + ConstantBytes), $"{schema} {version}, {bytes.Length} bytes");
            }
        }

        TestContext.Out.WriteLine($"{worst:F1} bytes per byte");
    }

    [Test]
    public void A_count_that_the_frame_cannot_hold_allocates_nothing()
    {
        foreach ((MessageSchema schema, short version, byte[] _) in Bodies)
        {
            byte[] hostile = [.. Enumerable.Repeat((byte)0xff, 4), 0x07, .. new byte[64]];
            byte[] classic = [0x7f, 0xff, 0xff, 0xff, .. new byte[64]];
            foreach (byte[] bytes in new[] { hostile, classic })
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                Refuses(schema, version, bytes);
                Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(ConstantBytes), $"{schema} {version}");
            }
        }
    }

    /// <summary>Whether the bytes are refused; any exception but the right one ends the test.</summary>
    private static bool Refuses(MessageSchema schema, short version, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            schema.Decode(bytes, version, out _);
            return false;
        }
        catch (ProtocolException)
        {
            return true;
        }
    }

    private static (MessageSchema, short, byte[]) RandomBody(MessageSchema schema, short version, bool full) =>
        (schema, version, Wire.Encode((IMessage)new RandomMessage(new Random(version + 1), version, full).Create(schema.Body), version));

    private static IEnumerable<(MessageSchema, short, byte[])> RecordedBodies(int longest)
    {
        foreach (string name in VectorFile.Apis)
        {
            Api api = Protocol.Apis.All.Single(a => a.Key.ToString() == name);
            foreach (Frame frame in VectorFile.Read(name).Where(f => f.Bytes.Length <= longest))
            {
                DecodedFrame decoded = frame.Decode(api, frame.Version);
                byte[] body = frame.Bytes[decoded.Header.GetSize(decoded.HeaderVersion)..];
                yield return (Catalog.Find(name + (frame.IsRequest ? "Request" : "Response")), frame.Version, body);
            }
        }
    }
}
