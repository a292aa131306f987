using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Helix.Core.Configuration;
using Helix.Core.Gateway;
using Helix.Core.Manifests;

namespace Helix.Core.Tests.Manifests;

public sealed class ManifestParserTests
{
    private const string Right = """
        {"id": "mine", "name": "Mine", "category": "foundation", "description": "An engine.", "licence": "MIT", "home": "https://example.org", "tier": 2,
         "runs": {"elsewhere": "use another", "platforms": [{"os": "linux", "architectures": ["x64"], "glibc": "2.28", "accelerator": "nvidia", "compute_capability": "8.0", "driver": "580", "device_memory_gb": 8}]}}
        """;

    [Fact]
    public void What_is_written_is_what_is_known()
    {
        var manifest = Assert.IsType<ManifestOutcome.Good>(Parse(Document())).Manifest;

        Assert.Equal(("mine", "Mine", "foundation", 2, "use another"), (manifest.Id, manifest.Name, manifest.Category, manifest.Tier, manifest.Elsewhere));
        var platform = Assert.Single(manifest.Platforms);
        Assert.Equal(("linux", Accelerator.Nvidia, new Version(2, 28), new Version(8, 0), new Version(580, 0), 8), (platform.Os, platform.Accelerator, platform.Glibc, platform.ComputeCapability, platform.Driver, platform.DeviceMemoryGb));
        Assert.Null(platform.MemoryGb);
    }

    [Theory]
    [InlineData("desciption", "\"x\"", "desciption: there is no such key; did you mean description?")]
    [InlineData("category", "\"high-performence\"", "category: must be one of foundation, high-performance, openai-compatible, creative-specialised, was the text \"high-performence\"; did you mean high-performance?")]
    [InlineData("tier", "4", "tier: must be a whole number from 1 to 3, was 4")]
    [InlineData("id", "\"My engine\"", "id: must be an id, was the text \"My engine\"; an id has small letters, digits, _ and -, and a letter first")]
    [InlineData("home", "\"http://example.org\"", "home: must be an https address, was the text \"http://example.org\"; write it like https://example.org/")]
    [InlineData("name", "null", "name: has no value; write one, or remove the line")]
    [InlineData("description", "\" \"", "description: must be a text, was the text \" \"; write something")]
    [InlineData("runs", "7", "runs: must be a section with keys of its own")]
    [InlineData("runs.platforms", "[]", "runs.platforms: must be a list of at least one section, each with a dash before it")]
    [InlineData("runs.platforms", "[1]", "runs.platforms[0]: must be a section with keys of its own")]
    [InlineData("runs.platforms[0].os", "\"linus\"", "runs.platforms[0].os: must be one of linux, macos, windows, was the text \"linus\"; did you mean linux?")]
    [InlineData("runs.platforms[0].architectures", "[\"x46\"]", "runs.platforms[0].architectures: must be a list of x64, arm64, was a list with \"x46\"; did you mean x64?")]
    [InlineData("runs.platforms[0].architectures", "[]", "runs.platforms[0].architectures: has no items; write at least one, or remove the line")]
    [InlineData("runs.platforms[0].glibc", "2.28", "runs.platforms[0].glibc: must be a version in quotes, like \"2.28\", was 2.28")]
    [InlineData("runs.platforms[0].glibc", "\"two\"", "runs.platforms[0].glibc: must be a version in quotes, like \"2.28\", was the text \"two\"; a version is numbers with dots between, at most four")]
    [InlineData("runs.platforms[0].memory_bg", "8", "runs.platforms[0].memory_bg: there is no such key; did you mean memory_gb?")]
    [InlineData("runs.platforms[0].os_version", "\"14\"", "runs.platforms[0].os_version: goes with os: macos only, and os is linux")]
    [InlineData("runs.platforms[0].accelerator", "\"apple\"", "runs.platforms[0].compute_capability: goes with accelerator: nvidia only, and accelerator is apple")]
    [InlineData("install", """[{"kind": "npm", "version": "1"}]""", "install[0].kind: npm needs package")]
    [InlineData("install", """[{"kind": "attach", "url": "https://example.org"}]""", "install[0].url: means nothing with kind: attach; remove the line")]
    [InlineData("install", """[{"kind": "git", "version": "1", "url": "https://example.org/{asset}"}]""", "install[0].url: {asset} in url and the list of assets go together")]
    [InlineData("install", """[{"kind": "python", "version": "1"}]""", "install[0].kind: python needs either package or url")]
    [InlineData("install", """[{"kind": "built-in"}]""", "install[0].kind: only builtin comes with helix")]
    [InlineData("serves", """{"dialects": ["openai"], "abilities": ["chat"], "ready": {"path": "health"}}""", "serves.ready.path: must be a path, like /health, was the text \"health\"; a path begins with /")]
    [InlineData("serves", """{"dialects": ["openai"], "abilities": ["chat"], "continues": {"chat": "messages"}}""", "serves.abilities: lacks prefix, which goes with continues")]
    [InlineData("serves", """{"dialects": ["openai"], "abilities": ["prefix"], "continues": {"completions": false}}""", "serves.continues: goes on with nothing: it has neither chat nor completions: true")]
    [InlineData("serves", """{"dialects": ["openai"], "abilities": ["prefix"], "continues": {"completions": true, "members": ["x=1"]}}""", "serves.continues.members: goes with chat only")]
    [InlineData("serves", """{"dialects": ["openai"], "abilities": ["prefix"], "continues": {"chat": "Prefix"}}""", "serves.continues.chat: must be the name of a member, was the text \"Prefix\"; the name of a member has small letters, digits and _")]
    [InlineData("serves", """{"dialects": ["openai"], "abilities": ["prefix"], "continues": {"chat": "prompt"}}""", "serves.continues.chat: must be the name of a member, was the text \"prompt\"; helix writes that member itself")]
    [InlineData("serves", """{"dialects": ["openai"], "abilities": ["prefix"], "continues": {"chat": "messages", "members": ["x"]}}""", "serves.continues.members[0]: was \"x\"; write it like NAME=true: a member and its JSON")]
    [InlineData("serves", """{"dialects": ["openai"], "abilities": ["prefix"], "continues": {"chat": "messages", "members": ["x=yes"]}}""", "serves.continues.members[0]: was \"x=yes\"; write it like NAME=true: a member and its JSON")]
    [InlineData("serves", """{"dialects": ["openai"], "abilities": ["prefix"], "continues": {"chat": "messages", "members": ["model=1"]}}""", "serves.continues.members[0]: was \"model=1\"; helix writes that member itself")]
    [InlineData("serves", """{"dialects": ["openai"], "abilities": ["chat"], "parameters": [{"lacks": ["logprob"]}]}""", "serves.parameters[0].lacks: must be a list of WORDS, was a list with \"logprob\"; did you mean logprobs?")]
    [InlineData("serves", """{"dialects": ["openai"], "abilities": ["chat"], "parameters": [{"lacks": ["seed"]}, {"of": ["chat"]}]}""", "serves.parameters[1]: says nothing: it has neither lacks nor drops nor rejects")]
    [InlineData("serves", """{"dialects": ["openai"], "abilities": ["chat"], "parameters": [{"lacks": ["n", "user"]}]}""", "serves.parameters[0].lacks: user changes no answer: write it below drops")]
    [InlineData("serves", """{"dialects": ["openai"], "abilities": ["chat"], "parameters": [{"drops": ["seed"]}]}""", "serves.parameters[0].drops: seed changes the answer: write it below lacks")]
    [InlineData("tunes", """[{"knob": "contxt", "least": 1, "most": 2, "costs": "restart"}]""", "tunes[0].knob: must be one of context, slots, threads, batch, gpu_layers, memory_share, kv_type, was the text \"contxt\"; did you mean context?")]
    [InlineData("tunes", """[{"knob": "slots", "least": 1, "costs": "restart"}]""", "tunes[0]: needs either least and most, or choices")]
    [InlineData("tunes", """[{"knob": "slots", "least": 1, "most": 2, "choices": ["1"], "costs": "restart"}]""", "tunes[0]: needs either least and most, or choices")]
    [InlineData("tunes", """[{"knob": "slots", "least": 3, "most": 2, "costs": "restart"}]""", "tunes[0].most: is below least, which is 3")]
    [InlineData("tunes", """[{"knob": "context", "least": 100, "most": 512, "step": 256, "costs": "restart"}]""", "tunes[0].step: least and most are multiples of it, and it is not 0")]
    [InlineData("tunes", """[{"knob": "slots", "least": 1, "most": 2, "costs": "restart"}, {"knob": "slots", "least": 1, "most": 3, "costs": "restart"}]""", "tunes[1].knob: slots stands here twice; write one range")]
    [InlineData("tunes", """[{"knob": "slots", "least": 1, "most": 2}]""", "tunes[0].costs: is missing. restart: the engine is started again for it; nothing: it is changed while it runs.")]
    [InlineData("sandbox", """{"network": "all"}""", "sandbox.network: must be one of none, loopback, was the text \"all\"")]
    [InlineData("sandbox", """{"network": "none", "devices": ["/etc/shadow"]}""", "sandbox.devices[0]: was \"/etc/shadow\"; a device begins with /dev/")]
    [InlineData("sandbox", """{"network": "none", "reads": ["usr"]}""", "sandbox.reads[0]: was \"usr\"; a path begins with /")]
    [InlineData("sandbox", """{"network": "none", "writes_code": "yes"}""", "sandbox.writes_code: must be true or false, was the text \"yes\"; write true")]
    public void A_mistake_is_named_with_its_path_and_what_to_do(string path, string json, string message) =>
        Assert.Contains(message.Replace("WORDS", string.Join(", ", ParameterTable.Words), StringComparison.Ordinal), Assert.IsType<ManifestOutcome.Bad>(Parse(Document(path, json))).Errors.Select(error => error.ToString()));

    [Fact]
    public void How_an_engine_goes_on_with_an_answer_is_known()
    {
        var serves = """{"dialects": ["openai"], "abilities": ["chat", "prefix"], "continues": {"chat": "messages", "members": ["continue_final_message=true"], "completions": true}}""";

        var continues = Assert.IsType<ManifestOutcome.Good>(Parse(Document("serves", serves))).Manifest.Serves!.Continues!;

        Assert.Equal((AnswerContinuation.Messages, true), (continues.Chat, continues.Completions));
        Assert.Equal(new Named("continue_final_message", "true"), Assert.Single(continues.Members));
    }

    [Fact]
    public void What_an_engine_does_not_know_is_known_for_each_of_its_paths()
    {
        var serves = """
            {"dialects": ["openai"], "abilities": ["chat"], "parameters": [
                {"lacks": ["seed"], "drops": ["user"]}, {"of": ["completions"], "rejects": ["suffix", "store"]}, {"of": ["completions", "embeddings"], "lacks": ["dimensions"]}]}
            """;

        var gaps = Assert.IsType<ManifestOutcome.Good>(Parse(Document("serves", serves))).Manifest.Serves!.Gaps!;

        Assert.Equal(new PathGaps(RequestParameters.Seed, RequestParameters.User, RequestParameters.None), gaps.Of(InferenceRoute.Chat));
        Assert.Equal(
            new PathGaps(RequestParameters.Seed | RequestParameters.Suffix | RequestParameters.Dimensions, RequestParameters.User | RequestParameters.Store, RequestParameters.Suffix | RequestParameters.Store),
            gaps.Of(InferenceRoute.Completion));
        Assert.Equal(new PathGaps(RequestParameters.Seed | RequestParameters.Dimensions, RequestParameters.User, RequestParameters.None), gaps.Of(InferenceRoute.Embeddings));
        Assert.Null(Assert.IsType<ManifestOutcome.Good>(Parse(Document("serves", """{"dialects": ["openai"], "abilities": ["chat"]}"""))).Manifest.Serves!.Gaps);
    }

    [Fact]
    public void Each_key_that_must_be_there_is_missed_with_its_meaning()
    {
        var errors = Assert.IsType<ManifestOutcome.Bad>(Parse([])).Errors;

        Assert.Equal(["id", "name", "category", "description", "licence", "home", "tier", "runs"], errors.Select(error => error.Path));
        Assert.All(errors, error => Assert.StartsWith("is missing. ", error.What));
    }

    [Fact]
    public void A_mistake_deep_inside_has_the_line_of_its_key()
    {
        var document = Document("runs.platforms[0].os", "\"linus\"");
        var lines = new Dictionary<string, int> { ["runs.platforms[0].os"] = 12, ["runs"] = 8 }.ToImmutableDictionary();

        Assert.StartsWith("line 12: ", Assert.IsType<ManifestOutcome.Bad>(ManifestParser.Parse(new ConfigDocument(document, lines))).Errors[0].ToString());
    }

    [Fact]
    public void Every_key_says_what_it_means_in_a_sentence() => Assert.All(All(ManifestShape.Fields), field => Assert.EndsWith(".", field.Meaning));

    private static IEnumerable<Field> All(IEnumerable<Field> fields) => fields.SelectMany(field => field.Shape switch
    {
        Shape.Section(var inner) => All(inner).Prepend(field),
        Shape.Rows(var inner) => All(inner).Prepend(field),
        _ => [field],
    });

    private static ManifestOutcome Parse(JsonObject values) => ManifestParser.Parse(new ConfigDocument(values, ImmutableDictionary<string, int>.Empty));

    /// <summary>A right manifest, with one value replaced.</summary>
    private static JsonObject Document(string? path = null, string json = "")
    {
        var document = JsonNode.Parse(Right)!.AsObject();
        if (path is null) return document;
        JsonNode node = document;
        var parts = path.Replace("[0]", ".0", StringComparison.Ordinal).Split('.');
        foreach (var part in parts[..^1]) node = part == "0" ? node[0]! : node[part]!;
        node[parts[^1]] = JsonNode.Parse(json);
        return document;
    }
}
