using System.Globalization;
using System.Text;
using Milena.Kafka.Producer.Internal;

namespace Milena.Kafka.Tests.Producer;

public class MurmurTests
{
    private static readonly (string Column, int Partitions)[] Columns = [("p3", 3), ("p6", 6), ("p12", 12), ("p50", 50)];

    [Test]
    public void Keys_go_to_the_partitions_that_the_Java_producer_chose()
    {
        string[] lines = File.ReadAllLines(Path.Combine(TestContext.CurrentContext.TestDirectory, "Vectors", "murmur2.tsv"));
        string[] head = lines[0].Split('\t');
        foreach (string[] row in lines.Skip(1).Select(l => l.Split('\t')))
        {
            byte[] key = Convert.FromHexString(row[0]);
            Assert.That(Murmur2.Hash(key), Is.EqualTo(int.Parse(row[1], CultureInfo.InvariantCulture)), row[0]);
            foreach ((string column, int partitions) in Columns)
            {
                int expected = int.Parse(row[Array.IndexOf(head, column)], CultureInfo.InvariantCulture);
                Assert.That(Murmur2.Partition(key, partitions), Is.EqualTo(expected), $"{row[0]} of {partitions}");
            }
        }

        Assert.That(lines, Has.Length.EqualTo(301));
    }

    [Test]
    public void A_negative_hash_loses_its_sign_bit_and_not_its_sign()
    {
        byte[] key = Convert.FromHexString("e1bbe7");

        Assert.That(Murmur2.Hash(key), Is.Negative);
        Assert.That(Murmur2.Partition(key, 1000), Is.EqualTo((Murmur2.Hash(key) & int.MaxValue) % 1000).And.Not.EqualTo(-Murmur2.Hash(key) % 1000));
    }

    [Test]
    public void Known_texts_have_known_hashes() =>
        Assert.That(Murmur2.Hash(Encoding.UTF8.GetBytes("21")), Is.EqualTo(-973932308));
}
