using System.Text.Json;

namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>Frames that real clients and real brokers exchanged.</summary>
public sealed class VectorFrameTests
{
    private static IEnumerable<string> RecordedApis => VectorFile.Apis;

    [TestCaseSource(nameof(RecordedApis))]
    public void Every_frame_decodes_to_its_last_byte_and_is_written_again_the_same(string name)
    {
        var faults = new List<string>();
        foreach (Frame frame in VectorFile.Read(name))
        {
            DecodedFrame decoded = frame.Decode(Find(name), frame.Version);
            if (decoded.Left != 0)
            {
                faults.Add($"{frame}: {decoded.Left} bytes left");
            }

            if (!decoded.Encode().AsSpan().SequenceEqual(frame.Bytes))
            {
                faults.Add($"{frame}: written again as {Convert.ToHexStringLower(decoded.Encode())} instead of {Convert.ToHexStringLower(frame.Bytes)}");
            }

            if (!decoded.EncodeGathered().AsSpan().SequenceEqual(decoded.Encode()))
            {
                faults.Add($"{frame}: gathered bytes differ");
            }
        }

        Assert.That(faults, Is.Empty);
    }

    [TestCaseSource(nameof(RecordedApis))]
    public void Every_field_has_the_value_that_Kafka_itself_read(string name)
    {
        Frame[] frames = VectorFile.Read(name);
        string[] values = VectorFile.Values(name);
        Assert.That(values, Has.Length.EqualTo(frames.Length));
        var faults = new List<string>();
        int compared = 0;
        foreach ((Frame frame, string expected) in frames.Zip(values).Where(pair => pair.Second != "-"))
        {
            MessageSchema schema = Catalog.Find(name + (frame.IsRequest ? "Request" : "Response"));
            using JsonDocument json = JsonDocument.Parse(expected);
            DecodedFrame decoded = frame.Decode(Find(name), frame.Version);
            ValueComparison comparison = ValueComparison.Compare(schema.Body, decoded.Body, json.RootElement, frame.Version);
            faults.AddRange(comparison.Differences.Select(difference => $"{frame}: {difference}"));
            compared += comparison.Compared;
        }

        Assert.That(faults, Is.Empty);
        TestContext.Out.WriteLine($"{frames.Length} frames, {values.Count(v => v == "-")} without values, {compared} values compared");
    }

    [Test]
    public void No_frame_is_left_out()
    {
        Frame[] all = [.. RecordedApis.SelectMany(VectorFile.Read)];
        var pairs = RecordedApis.SelectMany(name => VectorFile.Read(name).Select(f => (name, f.Version))).ToHashSet();
        string[] values = [.. RecordedApis.SelectMany(VectorFile.Values)];
        Assert.Multiple(() =>
        {
            Assert.That(all, Has.Length.EqualTo(5236));
            Assert.That(pairs, Has.Count.EqualTo(298));
            Assert.That(values, Has.Length.EqualTo(5236));
            Assert.That(Protocol.Apis.All.Sum(a => a.HighestVersion - a.LowestVersion + 1), Is.EqualTo(305));
        });
        TestContext.Out.WriteLine($"{all.Length} frames, {values.Count(v => v == "-")} of them without values");
    }

    [Test]
    public void What_librdkafka_sends_by_mistake_is_read_as_all_topics_with_three_bytes_left()
    {
        Frame[] frames = VectorFile.Read("malformed");
        Assert.That(frames, Has.Length.EqualTo(2));
        foreach (Frame frame in frames)
        {
            DecodedFrame decoded = frame.Decode(Protocol.Apis.Metadata, frame.Version);
            var request = (Protocol.Messages.MetadataRequest)decoded.Body;
            Assert.Multiple(() =>
            {
                Assert.That(decoded.Left, Is.EqualTo(3), frame.ToString());
                Assert.That(request.Topics, Is.Null, frame.ToString());
                Assert.That(((Protocol.Messages.RequestHeader)decoded.Header).ClientId, Is.EqualTo("rdkafka"), frame.ToString());
            });
        }
    }

    [Test]
    public void An_ApiVersions_request_of_an_unknown_version_has_a_readable_header_and_is_answered_in_version_0()
    {
        foreach (Frame frame in VectorFile.Read("special"))
        {
            if (frame.IsRequest)
            {
                var reader = new ProtocolReader(frame.Bytes);
                var header = Protocol.Messages.RequestHeader.Read(ref reader, 2);
                Assert.That((header.RequestApiKey, header.RequestApiVersion, header.ClientId), Is.EqualTo(((short)ApiKey.ApiVersions, (short)99, "app")));
                Assert.That(() => frame.Decode(Protocol.Apis.ApiVersions, 99), Throws.TypeOf<ProtocolException>().With.Message.Contains("no version 99"));
            }
            else
            {
                DecodedFrame decoded = frame.Decode(Protocol.Apis.ApiVersions, frame.Version);
                var response = (Protocol.Messages.ApiVersionsResponse)decoded.Body;
                Assert.Multiple(() =>
                {
                    Assert.That(decoded.Left, Is.Zero);
                    Assert.That(decoded.Encode(), Is.EqualTo(frame.Bytes));
                    Assert.That(response.ErrorCode, Is.EqualTo(ErrorCode.UnsupportedVersion));
                    Assert.That(response.ApiKeys.Select(k => (k.ApiKey, k.MinVersion, k.MaxVersion)), Is.EqualTo(new[] { ((short)18, (short)0, (short)4) }));
                });
            }
        }
    }

    private static Api Find(string name) => Protocol.Apis.All.Single(a => a.Key.ToString() == name);
}
