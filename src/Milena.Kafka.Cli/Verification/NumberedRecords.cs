using System.Text;
using System.Text.Unicode;

namespace Milena.Kafka.Cli.Verification;

/// <summary>Makes records that carry their number: the value is the number, then a blank and a filler up to the size. The key goes by the number.</summary>
/// <remarks>Not thread-safe. Numbers only grow. A value is good until the next one is made.</remarks>
internal sealed class NumberedRecords
{
    private const int LongestNumber = 20;

    private readonly byte[] _value;
    private readonly int _size;
    private readonly ReadOnlyMemory<byte>?[] _keys;

    public NumberedRecords(int size, int keys)
    {
        _size = size;
        _value = new byte[Math.Max(size, LongestNumber)];
        _value.AsSpan().Fill((byte)'.');
        _keys = [.. Enumerable.Range(0, keys).Select(static k => (ReadOnlyMemory<byte>?)Encoding.UTF8.GetBytes($"k{k}"))];
    }

    /// <summary>The key of a record; null without keys.</summary>
    public ReadOnlyMemory<byte>? Key(long number) => _keys.Length == 0 ? default(ReadOnlyMemory<byte>?) : _keys[number % _keys.Length];

    /// <summary>The value of a record; longer than the size if the number itself is.</summary>
    public ReadOnlyMemory<byte> Value(long number)
    {
        if (!Utf8.TryWrite(_value, $"{number}", out int digits))
        {
            throw new InvalidOperationException($"{number} has more than {LongestNumber} digits.");
        }

        if (digits < _value.Length)
        {
            _value[digits] = (byte)' ';
        }

        return _value.AsMemory(0, Math.Max(_size, digits));
    }
}
