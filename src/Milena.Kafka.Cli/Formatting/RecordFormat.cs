using System.Buffers;
using System.Globalization;
using System.Text;
using Milena.Kafka.Protocol.Records;

namespace Milena.Kafka.Cli.Formatting;

/// <summary>A format with kcat's tokens: %t topic, %p partition, %o offset, %T timestamp, %k key, %s value, %h headers, %K and %S their lengths, %% itself.</summary>
internal sealed class RecordFormat
{
    private readonly List<(char Token, byte[] Text)> _parts = [];

    public RecordFormat(string format)
    {
        string text = Unescape(format);
        var literal = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '%' || (i + 1 < text.Length && text[i + 1] == '%'))
            {
                literal.Append(text[i]);
                i += text[i] == '%' ? 1 : 0;
                continue;
            }

            char token = i + 1 < text.Length ? text[++i] : ' ';
            if (!"tpoTksShK".Contains(token, StringComparison.Ordinal))
            {
                throw new ArgumentException($"'%{token}' in --format is not one of %t %p %o %T %k %s %h %K %S %%.");
            }

            AddLiteral(literal);
            _parts.Add((token, []));
        }

        // A line feed ends every record; one that the format ends with itself counts.
        literal.Append(literal.Length > 0 && literal[^1] == '\n' ? "" : "\n");
        AddLiteral(literal);
    }

    public void Write(in ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> record, IBufferWriter<byte> output)
    {
        foreach ((char token, byte[] text) in _parts)
        {
            switch (token)
            {
                case 't': Write(output, record.Topic); break;
                case 'p': Write(output, record.Partition); break;
                case 'o': Write(output, record.Offset); break;
                case 'T': Write(output, record.UnixTimestamp); break;
                case 'k': output.Write((record.Key ?? default).Span); break;
                case 's': output.Write((record.Value ?? default).Span); break;
                case 'K': Write(output, record.Key?.Length ?? -1); break;
                case 'S': Write(output, record.Value?.Length ?? -1); break;
                case 'h': WriteHeaders(output, record.Headers); break;
                default: output.Write(text); break;
            }
        }
    }

    private static void Write(IBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);

    private static void Write(IBufferWriter<byte> output, long number) => Write(output, number.ToString(CultureInfo.InvariantCulture));

    private static void WriteHeaders(IBufferWriter<byte> output, RecordHeaders headers)
    {
        string between = "";
        foreach (RecordHeader header in headers)
        {
            Write(output, between + header.Key + "=");
            if (header.IsValueNull)
            {
                Write(output, "NULL");
            }
            else
            {
                output.Write(header.Value.Span);
            }

            between = ",";
        }
    }

    private static string Unescape(string format) => format
        .Replace("\\n", "\n", StringComparison.Ordinal)
        .Replace("\\t", "\t", StringComparison.Ordinal)
        .Replace("\\r", "\r", StringComparison.Ordinal);

    private void AddLiteral(StringBuilder literal)
    {
        if (literal.Length > 0)
        {
            _parts.Add(('\0', Encoding.UTF8.GetBytes(literal.ToString())));
            literal.Clear();
        }
    }
}
