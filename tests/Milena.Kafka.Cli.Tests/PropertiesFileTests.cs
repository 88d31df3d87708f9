using System.Text;
using Milena.Kafka.Cli.Settings;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

[CancelAfter(120_000)]
public class PropertiesFileTests
{
    [Test]
    public void A_file_as_people_write_it_is_read()
    {
        Dictionary<string, string> read = Parse("""
            # a comment
            ! another \
            bootstrap.servers = one:9092,\
                two:9092
            sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="me" password="a=b:c";
            client.id:mine
            acks all
            empty=
            path=C\:\\certs\tca

            caf\u00e9=\u2615
            acks=1
            """);

        Assert.That(read, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["bootstrap.servers"] = "one:9092,two:9092",
            ["sasl.jaas.config"] = """org.apache.kafka.common.security.plain.PlainLoginModule required username="me" password="a=b:c";""",
            ["client.id"] = "mine",
            ["acks"] = "1",
            ["empty"] = "",
            ["path"] = "C:\\certs\tca",
            ["café"] = "☕",
        }));
    }

    [TestCase("a=1\nb=\\u12", "line 2: ")]
    [TestCase("a=\\\n1\nb=\\uxyzw", "line 3: ")]
    public void An_escape_that_is_none_is_named_with_its_line(string text, string line) =>
        Assert.That(() => Parse(text), Throws.TypeOf<FormatException>().With.Message.StartsWith(line));

    [Test]
    public void A_file_is_read_in_the_encoding_that_it_was_written_in()
    {
        const string text = "p\u00e4ss=w\u00f6rd \u2615\n";

        Assert.That(Read(new UTF8Encoding(false), text), Is.EqualTo(("p\u00e4ss", "w\u00f6rd \u2615")));
        Assert.That(Read(new UTF8Encoding(true), text), Is.EqualTo(("p\u00e4ss", "w\u00f6rd \u2615")), "with a byte order mark");
        Assert.That(Read(Encoding.Unicode, text), Is.EqualTo(("p\u00e4ss", "w\u00f6rd \u2615")), "UTF-16, as older shells of Windows write it");
        Assert.That(Read(Encoding.Latin1, "p\u00e4ss=w\u00f6rd\\u2615\n"), Is.EqualTo(("p\u00e4ss", "w\u00f6rd\u2615")), "as Java reads it");

        static (string, string) Read(Encoding encoding, string text)
        {
            (string name, string value) = PropertiesFile.Parse([.. encoding.GetPreamble(), .. encoding.GetBytes(text)]).Single();
            return (name, value);
        }
    }

    [Test]
    public async Task Random_files_read_as_Java_itself_reads_them([Values] bool isLatin, CancellationToken cancellationToken)
    {
        if (OutsideProcess.Find("java") is not { } java)
        {
            Assert.Ignore("There is no java on PATH.");
            return;
        }

        const string pieces = "aab=: \t\f#!\\\\\\n\nu0041é";
        var random = new Random(20261121);
        string folder = Directory.CreateTempSubdirectory("milena").FullName;
        try
        {
            string source = Path.Combine(folder, "Read.java");
            await File.WriteAllTextAsync(source, Reader, cancellationToken);
            string[] texts = [.. Enumerable.Range(0, 400).Select(_ => new string([.. Enumerable.Range(0, random.Next(30)).Select(_ => pieces[random.Next(pieces.Length)])]))];
            Encoding encoding = isLatin ? Encoding.Latin1 : Encoding.UTF8;
            byte[] input = Encoding.UTF8.GetBytes(string.Join('\n', texts.Select(text => Convert.ToBase64String(encoding.GetBytes(text)))) + "\n");
            string[] judged = [.. (await OutsideProcess.RunAsync(java, [source, isLatin ? "bytes" : "UTF-8"], input, TimeSpan.FromSeconds(60), null, cancellationToken)).EnsureSuccess().Lines];

            Assert.That(judged, Has.Length.EqualTo(texts.Length));
            foreach ((string text, string expected) in texts.Zip(judged))
            {
                Assert.That(Described(encoding.GetBytes(text)), Is.EqualTo(expected), $"of {Convert.ToBase64String(encoding.GetBytes(text))}");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Reads a file a line, in Base64, and says what java.util.Properties makes of it: of its bytes, as Kafka's tools read files, or of its characters.</summary>
    private const string Reader = """
        import java.io.*;
        import java.nio.charset.StandardCharsets;
        import java.util.*;

        class Read {
            static String hex(String text) { return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8)); }

            public static void main(String[] args) throws IOException {
                BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
                for (String line; (line = lines.readLine()) != null; ) {
                    Properties read = new Properties();
                    try {
                        InputStream file = new ByteArrayInputStream(Base64.getDecoder().decode(line));
                        if (args[0].equals("bytes")) read.load(file); else read.load(new InputStreamReader(file, args[0]));
                        StringJoiner all = new StringJoiner(",");
                        new TreeSet<>(read.stringPropertyNames().stream().map(n -> hex(n) + "=" + hex(read.getProperty(n))).toList()).forEach(all::add);
                        System.out.println("{" + all + "}");
                    } catch (IllegalArgumentException fault) {
                        System.out.println("malformed");
                    }
                }
            }
        }
        """;

    private static Dictionary<string, string> Parse(string text) => PropertiesFile.Parse(new StringReader(text));

    private static string Described(byte[] file)
    {
        try
        {
            return "{" + string.Join(',', PropertiesFile.Parse(file).Select(p => Hex(p.Key) + "=" + Hex(p.Value)).Order(StringComparer.Ordinal)) + "}";
        }
        catch (FormatException)
        {
            return "malformed";
        }
    }

    private static string Hex(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));
}
