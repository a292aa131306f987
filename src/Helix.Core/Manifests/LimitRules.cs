using System.Text.Json.Nodes;
using static Helix.Core.Manifests.ManifestReading;

namespace Helix.Core.Manifests;

/// <summary>What ranges, and what an engine may touch, must be to the rest of a manifest.</summary>
internal static class LimitRules
{
    public static IEnumerable<(string Path, string What)> Broken(JsonObject manifest)
    {
        if (manifest["tunes"] is JsonArray tunes)
        {
            var known = new HashSet<string>(StringComparer.Ordinal);
            for (var i = 0; i < tunes.Count; i++)
            {
                var row = tunes[i]!.AsObject();
                if (!known.Add(Text(row["knob"]))) yield return ($"tunes[{i}].knob", $"{Text(row["knob"])} stands here twice; write one range");
                foreach (var broken in Range(row, $"tunes[{i}]")) yield return broken;
            }
        }

        if (manifest["sandbox"]?["network"] is { } network && Text(network) == "none" && manifest["launch"]?["listen"] is { } listen && Text(listen) == "port")
            yield return ("sandbox.network", "is loopback for what listens on a port (launch.listen)");
    }

    private static IEnumerable<(string Path, string What)> Range(JsonObject row, string path)
    {
        var isRange = row.ContainsKey("least") && row.ContainsKey("most");
        if (row.ContainsKey("choices") ? row.ContainsKey("least") || row.ContainsKey("most") : !isRange) yield return (path, "needs either least and most, or choices");
        else if (isRange && Whole(row["least"]) > Whole(row["most"])) yield return ($"{path}.most", $"is below least, which is {Whole(row["least"])}");
        if (row["step"] is { } step && (!isRange || Whole(step) is not { } by || by == 0 || Whole(row["least"]) % by != 0 || Whole(row["most"]) % by != 0))
            yield return ($"{path}.step", "least and most are multiples of it, and it is not 0");
    }
}
