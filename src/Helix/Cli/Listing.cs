using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Helix.Core.Cli;

namespace Helix.Cli;

/// <summary>Writes data: as one line of JSON, or as a listing for a person.</summary>
internal static class Listing
{
    public static int WriteJson<T>(this Terminal terminal, T value, JsonTypeInfo<T> type)
    {
        terminal.Out.WriteLine(JsonSerializer.Serialize(value, type));
        return ExitCodes.Ok;
    }

    public static int WriteTable(this Terminal terminal, string[] header, IEnumerable<string[]> rows)
    {
        terminal.Out.Write(Columns.Layout(header, [.. rows], (cell, _) => terminal.Tint(cell)));
        return ExitCodes.Ok;
    }
}
