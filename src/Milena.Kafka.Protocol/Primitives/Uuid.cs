using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Milena.Kafka.Protocol;

/// <summary>The text form of uuids that Kafka uses for topic ids, member ids and the like.</summary>
/// <remarks>22 characters: the 16 bytes in URL-safe base64 without padding, such as <c>TF5slChUQR6FnheZRwdWbA</c>.</remarks>
public static class Uuid
{
    /// <summary>The number of characters of the text form.</summary>
    public const int TextLength = 22;

    /// <summary>Writes a uuid the way Kafka's tools print it.</summary>
    /// <param name="value">The uuid; <see cref="Guid.Empty"/>, which stands for none, gives <c>AAAAAAAAAAAAAAAAAAAAAA</c>.</param>
    public static string ToText(Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads the text form.</summary>
    /// <param name="text">The text; blanks and padding are not taken.</param>
    /// <param name="value">The uuid, or <see cref="Guid.Empty"/> if the text is not one.</param>
    /// <returns>Whether the text is the text form of a uuid.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out Guid value)
    {
        value = Guid.Empty;
        Span<byte> bytes = stackalloc byte[16];

        // The decoder passes over blanks and takes padding: the length of the text form leaves no room for them.
        bool isText = text is { Length: TextLength }
            && Base64Url.DecodeFromChars(text, bytes, out _, out int written) == OperationStatus.Done
            && written == bytes.Length;
        if (!isText)
        {
            return false;
        }

        value = new Guid(bytes, bigEndian: true);
        return true;
    }
}
