using System.Globalization;
using System.Text.Json;

namespace Helix.Bench.Peers;

/// <summary>llama.cpp's own measure of a model, without a server: tokens a second.</summary>
internal sealed class LlamaBench(string folder)
{
    public (double Prefill, double Decode) Run(string model, int prompt, int tokens)
    {
        var (output, _) = Child.Run(
            Path.Combine(folder, "llama-bench"),
            ["-m", model, "-t", "1", "-r", "1", "-p", Number(prompt), "-n", Number(tokens), "-o", "json"]);
        using var tests = JsonDocument.Parse(output);
        return (Rate("n_prompt"), Rate("n_gen"));

        double Rate(string kind) => tests.RootElement.EnumerateArray().Single(test => test.GetProperty(kind).GetInt32() > 0).GetProperty("avg_ts").GetDouble();
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
