using System.Globalization;

namespace Milena.Kafka.Protocol.Generator.Emit;

/// <summary>Writes the error codes and what a client may do about each, out of <c>errors.tsv</c>.</summary>
internal static class ErrorCodeEmitter
{
    public static string Emit(IReadOnlyList<string[]> rows)
    {
        CodeWriter code = CodeWriter.ForFile("Milena.Kafka.Protocol");
        code.DocXml("summary", "The error codes of the protocol. A code that is not listed keeps its number.");
        code.Open("public enum ErrorCode : short");
        foreach (string[] row in rows)
        {
            code.Doc("summary", $"{row[1]}: {row[6]}{(row[5] == "-" ? "" : $" New in {row[5]}.")}");
            code.Line($"{CSharpName.FromUpperCase(row[1])} = {row[0]},");
            code.Line();
        }

        code.Close();
        code.Line();
        EmitRefresh(code, rows);
        EmitFamily(code, rows);
        EmitProperties(code, rows);
        return code.ToString();
    }

    private static void EmitRefresh(CodeWriter code, IReadOnlyList<string[]> rows)
    {
        code.DocXml("summary", "What must be looked up anew before a request is tried again.");
        EmitWords(code, "ErrorRefresh", "None", "Nothing.", rows.Select(r => r[3]));
    }

    private static void EmitFamily(CodeWriter code, IReadOnlyList<string[]> rows)
    {
        code.DocXml("summary", "Whom an error concerns (KIP-1050).");
        EmitWords(code, "ErrorFamily", "Other", "No group of its own.", rows.Select(r => r[4]));
    }

    private static void EmitWords(CodeWriter code, string name, string none, string noneMeans, IEnumerable<string> words)
    {
        code.Open($"public enum {name}");
        code.DocXml("summary", noneMeans);
        code.Line($"{none},");
        foreach (string word in words.Where(w => w != "-").Distinct().OrderBy(w => w, StringComparer.Ordinal))
        {
            code.Line();
            code.Doc("summary", $"Protocol tables: {word}.");
            code.Line($"{Pascal(word)},");
        }

        code.Close();
        code.Line();
    }

    private static void EmitProperties(CodeWriter code, IReadOnlyList<string[]> rows)
    {
        code.DocXml("summary", "What the protocol tables say about an error code.");
        code.Open("public static class ErrorCodes");
        code.DocXml("summary", "Whether the same request may succeed later.");
        code.Line("/// <param name=\"code\">The code.</param>");
        string retriable = string.Join(" or ", rows.Where(r => r[2] == "true").Select(r => "ErrorCode." + CSharpName.FromUpperCase(r[1])));
        code.Line($"public static bool IsRetriable(this ErrorCode code) => code is {retriable};");
        code.Line();
        EmitSwitch(code, "What must be looked up anew before a retry.", "ErrorRefresh", "Refresh", rows, 3, w => "ErrorRefresh." + Pascal(w), "ErrorRefresh.None");
        EmitSwitch(code, "Whom the error concerns.", "ErrorFamily", "Family", rows, 4, w => "ErrorFamily." + Pascal(w), "ErrorFamily.Other");
        EmitSwitch(code, "The name in the protocol, such as NOT_LEADER_OR_FOLLOWER; the number for a code that is not known.", "string", "Name", rows, 1, Quote, "((short)code).ToString(System.Globalization.CultureInfo.InvariantCulture)");
        EmitSwitch(code, "The meaning in one sentence.", "string", "Meaning", rows, 6, Quote, "\"An error code that this version of the client does not know.\"");
        code.Close();
    }

    private static void EmitSwitch(CodeWriter code, string summary, string type, string method, IReadOnlyList<string[]> rows, int column, Func<string, string> value, string otherwise)
    {
        code.Doc("summary", summary);
        code.Line("/// <param name=\"code\">The code.</param>");
        code.Open($"public static {type} {method}(this ErrorCode code) => code switch");
        foreach (string[] row in rows.Where(r => r[column] != "-"))
        {
            code.Line($"ErrorCode.{CSharpName.FromUpperCase(row[1])} => {value(row[column])},");
        }

        code.Line($"_ => {otherwise},");
        code.Close("};");
        code.Line();
    }

    private static string Quote(string text) => "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";

    private static string Pascal(string word) =>
        string.Concat(word.Split('-').Select(w => char.ToUpper(w[0], CultureInfo.InvariantCulture) + w.Substring(1)));
}
