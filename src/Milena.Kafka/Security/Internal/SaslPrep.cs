using System.Globalization;
using System.Text;

namespace Milena.Kafka.Security.Internal;

/// <summary>Brings names and passwords into their normal form (SASLprep, RFC 4013, a profile of RFC 3454).</summary>
internal static class SaslPrep
{
    // RFC 3454, D.1: characters that are written from right to left, as pairs of first and last.
    private static readonly int[] RightToLeft =
    [
        0x05BE, 0x05BE, 0x05C0, 0x05C0, 0x05C3, 0x05C3, 0x05D0, 0x05EA, 0x05F0, 0x05F4, 0x061B, 0x061B, 0x061F, 0x061F, 0x0621, 0x063A, 0x0640, 0x064A,
        0x066D, 0x066F, 0x0671, 0x06D5, 0x06DD, 0x06DD, 0x06E5, 0x06E6, 0x06FA, 0x06FE, 0x0700, 0x070D, 0x0710, 0x0710, 0x0712, 0x072C, 0x0780, 0x07A5,
        0x07B1, 0x07B1, 0x200F, 0x200F, 0xFB1D, 0xFB1D, 0xFB1F, 0xFB28, 0xFB2A, 0xFB36, 0xFB38, 0xFB3C, 0xFB3E, 0xFB3E, 0xFB40, 0xFB41, 0xFB43, 0xFB44,
        0xFB46, 0xFBB1, 0xFBD3, 0xFD3D, 0xFD50, 0xFD8F, 0xFD92, 0xFDC7, 0xFDF0, 0xFDFC, 0xFE70, 0xFE74, 0xFE76, 0xFEFC,
    ];

    // Without globalization data the runtime normalizes nothing and says nothing.
    private static readonly bool CanNormalize = "\u2168".Normalize(NormalizationForm.FormKC) == "IX";

    /// <summary>Prepares a string.</summary>
    /// <param name="text">The string.</param>
    /// <param name="what">What it is, for the message; the string itself is never shown.</param>
    /// <exception cref="InvalidDataException">It holds what RFC 4013 forbids.</exception>
    public static string Prepare(string text, string what) => Prepare(text, what, mapped => Normalize(mapped, what));

    /// <inheritdoc cref="Prepare(string, string)"/>
    /// <param name="text">The string.</param>
    /// <param name="what">What it is, for the message; the string itself is never shown.</param>
    /// <param name="normalize">Brings into the form NFKC.</param>
    internal static string Prepare(string text, string what, Func<string, string> normalize)
    {
        if (text.All(c => c is >= ' ' and <= '~'))
        {
            return text;
        }

        string prepared = normalize(Map(text, what));
        Rune[] runes = [.. prepared.EnumerateRunes()];
        if (runes.Length == 0 || runes.Any(IsProhibited))
        {
            throw new InvalidDataException($"The {what} holds a character that SASLprep forbids, such as a control character.");
        }

        CheckDirections(runes, what);
        return prepared;
    }

    // Unassigned code points are let pass: the broker stored the same.
    private static string Map(string text, string what)
    {
        var mapped = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar)
            {
                throw new InvalidDataException($"The {what} is not valid Unicode.");
            }

            if (!IsMappedToNothing(rune.Value))
            {
                mapped.Append(IsOtherSpace(rune.Value) ? " " : rune.ToString());
            }
        }

        return mapped.ToString();
    }

    private static string Normalize(string text, string what)
    {
        if (CanNormalize)
        {
            return text.Normalize(NormalizationForm.FormKC);
        }

        // Precomposed Latin letters are their own normal form, nearly all that is typed; of the rest this runtime cannot tell.
        return text.All(c => c is <= '\u007F' or (>= '\u00C0' and <= '\u0131') or (>= '\u0134' and <= '\u013E') or (>= '\u0141' and <= '\u0148') or (>= '\u014A' and <= '\u017E'))
            ? text
            : throw new InvalidDataException(
                $"The {what} holds characters that SASLprep has to normalize, which this program cannot: it runs without globalization data (InvariantGlobalization). "
                + "Switch that off, or set SaslScram.UseSaslPrep to false.");
    }

    // B.1
    private static bool IsMappedToNothing(int c) => c is 0x00AD or 0x034F or 0x1806 or (>= 0x180B and <= 0x180D) or (>= 0x200B and <= 0x200D) or 0x2060
        or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF;

    // C.1.2
    private static bool IsOtherSpace(int c) => c is 0x00A0 or 0x1680 or (>= 0x2000 and <= 0x200B) or 0x202F or 0x205F or 0x3000;

    // C.2 to C.9
    private static bool IsProhibited(Rune rune)
    {
        int c = rune.Value;
        return c is < 0x20 or (>= 0x7F and <= 0x9F) or 0x06DD or 0x070F or 0x180E or (>= 0x200C and <= 0x200F) or (>= 0x2028 and <= 0x202E) or (>= 0x2060 and <= 0x2063)
            or (>= 0x206A and <= 0x206F) or 0xFEFF or (>= 0xFFF9 and <= 0xFFFD) or (>= 0x1D173 and <= 0x1D17A) or (>= 0x2FF0 and <= 0x2FFB) or 0x0340 or 0x0341
            or (>= 0xFDD0 and <= 0xFDEF) or 0xE0001 or (>= 0xE0020 and <= 0xE007F) or (>= 0xE000 and <= 0xF8FF) or >= 0xF0000
            || (c & 0xFFFE) == 0xFFFE
            || IsOtherSpace(c);
    }

    // RFC 3454, section 6: right-to-left text has no left-to-right letter in it, and begins and ends with its own.
    private static void CheckDirections(Rune[] runes, string what)
    {
        if (runes.Any(IsRightToLeft) && (runes.Any(IsLeftToRight) || !IsRightToLeft(runes[0]) || !IsRightToLeft(runes[^1])))
        {
            throw new InvalidDataException($"The {what} mixes right-to-left and left-to-right text in a way that SASLprep forbids.");
        }
    }

    private static bool IsRightToLeft(Rune rune)
    {
        for (int i = 0; i < RightToLeft.Length; i += 2)
        {
            if (rune.Value >= RightToLeft[i] && rune.Value <= RightToLeft[i + 1])
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsLeftToRight(Rune rune) => !IsRightToLeft(rune) && Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter;
}
