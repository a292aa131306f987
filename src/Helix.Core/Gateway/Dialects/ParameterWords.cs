using System.Globalization;

namespace Helix.Core.Gateway.Dialects;

/// <summary>How many parameters a model has, as Ollama writes it: <c>8.2B</c>, <c>137M</c>.</summary>
internal static class ParameterWords
{
    public static string Of(long parameters) => parameters switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{parameters / 1e9:0.#}B"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{parameters / 1e6:0.##}M"),
        >= 1000 => string.Create(CultureInfo.InvariantCulture, $"{parameters / 1e3:0.##}K"),
        _ => parameters.ToString(CultureInfo.InvariantCulture),
    };
}
