using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Milena.Kafka.Cli.Settings;

/// <summary>What the words of a command line may be. A word that is wrong is told as it was typed, not as .NET calls its type.</summary>
internal static class OptionRules
{
    public static TOption NotNegative<TOption>(this TOption option)
        where TOption : Option => option.With(word => word.StartsWith('-') ? $"{option.Name} must not be negative." : null);

    public static TOption AtLeastOne<TOption>(this TOption option)
        where TOption : Option => option.With(word => IsWhole(word, out long number) && number < 1 ? $"{option.Name} must be at least 1." : null);

    public static TOption Positive<TOption>(this TOption option)
        where TOption : Option =>
        option.With(word => IsNumber(word, out double number) && number is not (> 0 and < 1_000_000) ? $"{option.Name} must be positive, and below 1,000,000." : null);

    public static TOption OneOf<TOption>(this TOption option, params string[] words)
        where TOption : Option
    {
        option.CompletionSources.Clear();
        option.CompletionSources.Add(words);
        return option.With(word => words.Contains(word) ? null : NoneOf($"'{word}' behind {option.Name}", word, words));
    }

    public static Argument<string> OneOf(this Argument<string> argument, params string[] words)
    {
        argument.CompletionSources.Add(words);
        argument.WithWords(word => words.Contains(word) ? null : NoneOf($"'{word}'", word, words));
        return argument;
    }

    /// <summary>Holds the words of all numbers and names below a command against their types.</summary>
    public static void CheckTypes(Command command)
    {
        foreach (Option option in command.Options)
        {
            Type type = Single(option.ValueType);
            if (type.IsEnum)
            {
                option.OneOfNames(type);
            }
            else if (Kind(type) is { } kind)
            {
                option.With(word => IsOf(type, word) ? null : $"'{word}' behind {option.Name} is no {kind}.");
            }
        }

        foreach (Argument argument in command.Arguments)
        {
            Type type = Single(argument.ValueType);
            if (Kind(type) is { } kind)
            {
                argument.WithWords(word => IsOf(type, word) ? null : $"'{word}' in the place of {argument.Name} is no {kind}.");
            }
        }

        foreach (Command subcommand in command.Subcommands)
        {
            CheckTypes(subcommand);
        }
    }

    private static TOption With<TOption>(this TOption option, Func<string, string?> judge)
        where TOption : Option
    {
        option.Validators.Add(result => Judge(result, result.Tokens, judge));
        return option;
    }

    private static void WithWords(this Argument argument, Func<string, string?> judge)
    {
        argument.Validators.Add(result => Judge(result, result.Tokens, judge));
    }

    private static void Judge(SymbolResult result, IEnumerable<Token> words, Func<string, string?> judge)
    {
        foreach (string fault in words.Select(word => judge(word.Value)).OfType<string>())
        {
            result.AddError(fault);
        }
    }

    private static void OneOfNames(this Option option, Type type)
    {
        string[] names = [.. Enum.GetNames(type).Where(name => name != "Unknown").Select(name => name.ToLowerInvariant())];
        option.CompletionSources.Clear();
        option.CompletionSources.Add(names);
        option.With(word => names.Contains(word, StringComparer.OrdinalIgnoreCase) ? null : NoneOf($"'{word}' behind {option.Name}", word.ToLowerInvariant(), names));
    }

    private static string NoneOf(string place, string word, string[] words) => $"{place} is none of {string.Join(", ", words)}.{Nearest.Hint(word, words)}";

    /// <summary>The type of one word: T of T[] and of T?.</summary>
    private static Type Single(Type type)
    {
        Type element = type.IsArray ? type.GetElementType()! : type;
        return Nullable.GetUnderlyingType(element) ?? element;
    }

    private static string? Kind(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Int16 or TypeCode.Int32 => "whole number that fits",
        TypeCode.Int64 => "whole number",
        TypeCode.Double => "number",
        _ => null,
    };

    private static bool IsOf(Type type, string word) => Type.GetTypeCode(type) switch
    {
        TypeCode.Int16 => short.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        TypeCode.Int32 => int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        TypeCode.Int64 => IsWhole(word, out _),
        _ => IsNumber(word, out _),
    };

    private static bool IsWhole(string word, out long number) => long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private static bool IsNumber(string word, out double number) => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
}
