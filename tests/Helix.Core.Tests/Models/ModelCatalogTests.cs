using System.Text.Json.Nodes;
using Helix.Core.Models;

namespace Helix.Core.Tests.Models;

public sealed class ModelCatalogTests
{
    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        var wrong = Entry("Bad Name", 100, 1);
        wrong["license"] = "secret";
        wrong["revision"] = "main";
        wrong["sha256"] = "12";

        var (catalog, errors) = ModelCatalog.Parse(new JsonObject { ["models"] = new JsonArray(wrong, Entry("good", 100, 1), Entry("good", 100, 1)) });

        Assert.Null(catalog);
        foreach (var part in (string[])["id:", "license:", "revision:", "sha256:", "good stands there twice"]) Assert.Contains(errors, error => error.Contains(part, StringComparison.Ordinal));
    }

    [Fact]
    public void Unknown_and_missing_keys_are_errors_with_their_place()
    {
        var unknown = Entry("x", 100, 1);
        unknown["colour"] = "blue";
        var missing = Entry("x", 100, 1);
        missing.Remove("sha256");

        Assert.Contains("colour", ModelCatalog.Parse(new JsonObject { ["models"] = new JsonArray(unknown) }).Errors[0], StringComparison.Ordinal);
        Assert.Contains("sha256", ModelCatalog.Parse(new JsonObject { ["models"] = new JsonArray(missing) }).Errors[0], StringComparison.Ordinal);
        Assert.NotEmpty(ModelCatalog.Parse(null).Errors);
    }

    internal static JsonObject Entry(string id, long bytes, double needGib, double billions = 1, double? active = null, double? chooseFrom = null) => new()
    {
        ["id"] = id,
        ["role"] = "chat",
        ["license"] = "MIT",
        ["repository"] = "owner/repository",
        ["revision"] = new string('a', 40),
        ["file"] = "model.gguf",
        ["bytes"] = bytes,
        ["sha256"] = new string('b', 64),
        ["billions"] = billions,
        ["active_billions"] = active,
        ["context"] = 4096,
        ["need_8k_gib"] = needGib,
        ["choose_from_gib"] = chooseFrom,
        ["sources"] = "made up for a test",
    };
}
