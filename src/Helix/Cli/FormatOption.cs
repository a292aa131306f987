using System.CommandLine;

namespace Helix.Cli;

/// <summary><c>--format</c>, the same wherever something is listed.</summary>
internal static class FormatOption
{
    public const string Name = "--format";

    public static void Add(Command command)
    {
        var option = new Option<string>(Name) { Description = "How to write the data.", DefaultValueFactory = _ => "text" };
        option.AcceptOnlyFromAmong("text", "json");
        command.Add(option);
    }

    public static bool IsJson(this ParseResult parse) => parse.GetValue<string>(Name) == "json";
}
