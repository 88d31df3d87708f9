using Milena.Kafka.Compression.Tests.Support;
using Milena.Kafka.Compression.Zstandard;

namespace Milena.Kafka.Compression.Tests.Zstandard;

public class MatchFinderTests
{
    // Places grow from input to input; when they would overflow, the tables begin afresh.
    [Test]
    public void Places_that_would_overflow_begin_afresh([Values(1, 3, 7)] int level)
    {
        byte[] first = Corpus.Create(CorpusKind.Text, 50_000, 1);
        byte[] second = Corpus.Create(CorpusKind.Text, 50_000, 2);
        EncodeParameters parameters = EncodeParameters.For(level, second.Length);
        MatchFinder used = Create(parameters.Strategy);
        Find(used, parameters, first);
        used.Start(parameters, int.MaxValue - 100_000);

        Assert.That(Find(used, parameters, second), Is.EqualTo(Find(Create(parameters.Strategy), parameters, second)));
    }

    private static MatchFinder Create(MatchStrategy strategy) => strategy switch
    {
        MatchStrategy.Fast => new FastMatchFinder(),
        MatchStrategy.DoubleFast => new DoubleFastMatchFinder(),
        _ => new LazyMatchFinder(),
    };

    private static Sequence[] Find(MatchFinder finder, in EncodeParameters parameters, byte[] bytes)
    {
        var store = new SequenceStore { Repeats = RepeatOffsets.Initial };
        finder.Start(parameters, bytes.Length);
        finder.Find(bytes, 0, bytes.Length, store);
        return store.Sequences.ToArray();
    }
}
