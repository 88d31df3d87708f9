using Milena.Kafka.Compression.Tests.Support;

namespace Milena.Kafka.Compression.Tests.Zstandard;

/// <summary>What every codec must do; with frames that say how much they hold and frames that do not, with and without a checksum.</summary>
[TestFixture(true, false)]
[TestFixture(false, true)]
public class ZstdFixtureTests(bool contentSize, bool checksum) : CodecFixture
{
    protected override ICompressionCodec Codec { get; } = new ZstdCodec { WritesContentSize = contentSize, WritesChecksum = checksum };

    protected override int?[] Levels => [null, 1, 2, 3, 4, -7, 5, null, 1, 7, 9];

    protected override int InputCount => 10_000;

    protected override int Seed => contentSize ? 400 : 401;
}
