using Helix.Core.Fleet;
using Helix.Core.Gateway;
using Helix.Core.Manifests;

namespace Helix.Core.Tests.Fleet;

public sealed class AttachTests
{
    private const ModelAbilities All = ModelAbilities.Chat | ModelAbilities.Completion | ModelAbilities.Embeddings;
    private static readonly BodyFacts s_auto = Asking("auto");

    [Theory]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080", true)]
    [InlineData("127.0.0.1:8080/", "http://127.0.0.1:8080", true)]
    [InlineData("http://localhost:1234/v1", "http://localhost:1234", true)]
    [InlineData("http://LOCALHOST:1234/v1/", "http://localhost:1234", true)]
    [InlineData("http://[::1]:8000", "http://[::1]:8000", true)]
    [InlineData("http://127.9.9.9:1", "http://127.9.9.9:1", true)]
    [InlineData("http://10.0.0.7:8000", "http://10.0.0.7:8000", false)]
    [InlineData("big-box:8000", "http://big-box:8000", false)]
    [InlineData("http://localhost.example.org:80", "http://localhost.example.org:80", false)]
    [InlineData("http://127.0.0.1.example.org", "http://127.0.0.1.example.org:80", false)]
    public void An_address_is_read(string typed, string url, bool stays)
    {
        var (address, reason, _) = AttachAddress.Parse(typed);

        Assert.Null(reason);
        Assert.Equal((url, stays), (address!.Url, address.IsLoopback));
        Assert.Equal(address, AttachAddress.Parse(address.Url).Address);
    }

    [Theory]
    [InlineData("", "no address")]
    [InlineData("http://", "no address")]
    [InlineData("https://host:8443", "https")]
    [InlineData("ftp://127.0.0.1:21", "does not speak ftp")]
    [InlineData("file:///etc/passwd", "is no address")]
    [InlineData("http://me:secret@127.0.0.1:8080", "name or password")]
    [InlineData("http://127.0.0.1:8080/api", "\"/api\"")]
    [InlineData("http://127.0.0.1:8080/?x=1", "\"/?x=1\"")]
    [InlineData("http://127.0.0.1:99999", "no address")]
    public void What_is_no_address_is_refused_with_a_way_out(string typed, string part)
    {
        var (address, reason, remedy) = AttachAddress.Parse(typed);

        Assert.Null(address);
        Assert.Contains(part, reason, StringComparison.Ordinal);
        Assert.NotEmpty(remedy!);
    }

    [Theory]
    [InlineData("llamacpp", true, "127.0.0.1", "", "llamacpp-8080")]
    [InlineData("jan", false, "127.0.0.1", "", "jan")]
    [InlineData("jan", false, "127.0.0.1", "jan", "jan-8080")]
    [InlineData("ollama", false, "10.0.0.7", "", "ollama-10-0-0-7-8080")]
    [InlineData("llamacpp", true, "127.0.0.1", "llamacpp-8080", "llamacpp-8080-2")]
    [InlineData(null, false, "127.0.0.1", "", "server-8080")]
    [InlineData(null, false, "Big.Box", "", "server-big-box-8080")]
    public void An_engine_gets_a_name_that_nobody_has(string? product, bool isOurs, string host, string taken, string id)
    {
        Assert.Equal(id, AttachNames.IdOf(product, isOurs, new(host, 8080), name => name == taken));
        Assert.True(AttachNames.IsId(id));
    }

    [Fact]
    public void Lists_of_models_are_read_with_what_they_tell()
    {
        var said = new Heard(200, """
            {"object":"list","data":[{"id":"a","max_model_len":4096},{"id":"b","meta":{"n_ctx":512}},{"id":"nomic-embed-text:latest"},{"id":"a"},{"id":""},{"id":"None"},{"id":7},{"id":"auto"},null,{"id":"x\ny"}]}
            """);

        Assert.Equal([new("a", All, 4096), new("b", All, 512), new("nomic-embed-text:latest", ModelAbilities.Embeddings, 0)], AttachedModels.Of(said, All)!.Value);
        Assert.Equal([new("embedder", ModelAbilities.Chat, 0)], AttachedModels.Of(new(200, """{"data":[{"id":"embedder"}]}"""), ModelAbilities.Chat)!.Value);
        Assert.Empty(AttachedModels.Of(new(200, """{"object":"list","data":null}"""), All)!.Value);
    }

    [Theory]
    [InlineData("whisper-1", ModelAbilities.Transcription | ModelAbilities.Translation)]
    [InlineData("Systran/faster-Whisper-small", ModelAbilities.Transcription | ModelAbilities.Translation)]
    [InlineData("tts-1-hd", ModelAbilities.Speech)]
    [InlineData("bge-reranker-v2-m3", ModelAbilities.Rerank)]
    [InlineData("stable-diffusion-3", ModelAbilities.Images | ModelAbilities.ImageEdits | ModelAbilities.ImageVariations)]
    [InlineData("nomic-embed-text", ModelAbilities.Embeddings)]
    [InlineData("battsman-7b", ModelAbilities.Everything)]
    public void A_name_that_says_what_a_model_is_made_for_is_believed(string id, object abilities)
    {
        var said = new Heard(200, $$"""{"data":[{"id":"{{id}}"}]}""");

        Assert.Equal(abilities, AttachedModels.Of(said, ModelAbilities.Everything)!.Value[0].Abilities);
        // where its engine does not do that, its name says nothing
        var able = All & (ModelAbilities)abilities;
        Assert.Equal(able == ModelAbilities.None ? All : able, AttachedModels.Of(said, All)!.Value[0].Abilities);
    }

    [Theory]
    [InlineData(200, "hello")]
    [InlineData(200, "[]")]
    [InlineData(200, """{"error":"Unexpected endpoint"}""")]
    [InlineData(200, """{"data":"x"}""")]
    [InlineData(401, """{"data":[]}""")]
    [InlineData(0, "")]
    public void What_is_no_list_of_models_is_none(int status, string text) => Assert.Null(AttachedModels.Of(new(status, text), All));

    [Fact]
    public void A_model_that_only_others_have_goes_by_its_own_name_and_by_theirs()
    {
        var fleet = Fleet([], Engine("ollama", 11434, "qwen3:0.6b"), Engine("vllm-8000", 8000, "Qwen/Qwen3-8B"));

        Assert.Equal(("ollama", "127.0.0.1:11434", "qwen3:0.6b"), SentTo(fleet, "qwen3:0.6b"));
        Assert.Equal(("ollama", "127.0.0.1:11434", "qwen3:0.6b"), SentTo(fleet, "ollama/qwen3:0.6b"));
        Assert.Equal(("vllm-8000", "127.0.0.1:8000", "Qwen/Qwen3-8B"), SentTo(fleet, "Qwen/Qwen3-8B"));
        Assert.Equal(("vllm-8000", "127.0.0.1:8000", "Qwen/Qwen3-8B"), SentTo(fleet, "vllm-8000/Qwen/Qwen3-8B"));
        Assert.Equal(404, Refused(fleet, "ollama/Qwen/Qwen3-8B").Status);
    }

    [Fact]
    public void A_name_that_helix_serves_itself_stays_its_own()
    {
        var fleet = Fleet([Model("m")], Engine("ollama", 11434, "m"));

        Assert.Equal(("builtin", "/run/m", "m"), SentTo(fleet, "m"));
        Assert.Equal(("ollama", "127.0.0.1:11434", "m"), SentTo(fleet, "ollama/m"));
    }

    [Fact]
    public void Of_two_that_have_it_both_serve_it_as_long_as_they_answer()
    {
        var (one, two) = (Engine("a", 1, "m"), Engine("b", 2, "m"));

        Assert.Equal(["a", "b"], Serving(Fleet([], one, two)));
        Assert.Equal("b", SentTo(Fleet([], one, two), "b/m").Provider);
        Assert.Equal("b", SentTo(Fleet([], one with { Health = AttachedHealth.Gone }, two), "m").Provider);
        var refused = Refused(Fleet([], one with { Health = AttachedHealth.Gone }, two), "a/m");
        Assert.Equal(503, refused.Status);
        Assert.Contains("nothing answers at http://127.0.0.1:1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_its_product_does_not_know_it_is_not_asked_for()
    {
        var gaps = ParameterGaps.Everywhere(new(RequestParameters.Seed, RequestParameters.None, RequestParameters.None));

        Assert.Equal(gaps, Fleet([], Engine("a", 1, "m") with { Gaps = gaps }).Models.Single().Backends.Single().Gaps);
        Assert.False(Engine("a", 1, "m").LooksLike(Engine("a", 1, "m") with { Gaps = gaps }));
    }

    [Fact]
    public void One_on_another_machine_serves_only_where_none_here_does()
    {
        var (far, near) = (Engine("far", 8000, "m") with { Address = new("10.0.0.7", 8000), Endpoint = "10.0.0.7:8000" }, Engine("near", 1, "m"));

        Assert.Equal(["near"], Serving(Fleet([], far, near)));
        Assert.Equal(["near"], Serving(Fleet([], near, far)));
        Assert.Equal(["far"], Serving(Fleet([], near with { Health = AttachedHealth.Gone }, far)));
    }

    [Fact]
    public void Auto_takes_somebody_elses_only_where_there_is_no_other_real_model()
    {
        var other = Engine("ollama", 11434, "theirs");

        Assert.Equal("builtin", AutoAt(Fleet([Model("ours")], other)));
        Assert.Equal("wait for ours", AutoAt(Fleet([Model("ours", new ModelAvailability.Asleep())], other)));
        Assert.Equal("ollama", AutoAt(Fleet([Model("ours", new ModelAvailability.Failed("broken", "mend it"))], other)));
        Assert.Equal("ollama", AutoAt(Fleet([Model("self", selfTest: true)], other)));
        Assert.Equal("ollama", SentTo(Fleet([Model("ours")], other), "ollama/auto").Provider);
    }

    [Fact]
    public void Auto_never_sends_a_request_to_another_machine()
    {
        var remote = Engine("far", 8000, "theirs") with { Address = new("10.0.0.7", 8000), Endpoint = "10.0.0.7:8000" };

        Assert.Equal("builtin", AutoAt(Fleet([Model("self", selfTest: true)], remote)));
        Assert.IsType<ModelChoice.Refuse>(Routing.Choose(Fleet([], remote), s_auto, ModelAbilities.Chat, null));
        Assert.Equal("far", SentTo(Fleet([], remote), "far/auto").Provider);
        Assert.Equal("far", SentTo(Fleet([], remote), "theirs").Provider);
    }

    [Fact]
    public void Its_state_says_what_is_and_what_to_do()
    {
        var engine = Engine("jan", 1337, "m") with { Release = "0.8.6" };

        var used = AttachedView.StatusOf(engine);
        Assert.Equal((ProviderState.Attached, (int?)null, "m", "0.8.6", true), (used.State, used.Pid, used.Model, used.Release, used.IsAttached));
        var gone = AttachedView.StatusOf(engine with { Health = AttachedHealth.Gone });
        Assert.Equal((ProviderState.Available, (string?)null), (gone.State, gone.Model));
        Assert.Contains("nothing answers", gone.Reason, StringComparison.Ordinal);
        Assert.Contains("helix local-llm attach http://127.0.0.1:1337 --key KEY", AttachedView.StatusOf(engine with { Health = AttachedHealth.Locked }).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_listens_at_a_port_stands_in_the_systems_table()
    {
        const string table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:2CAA 00000000:0000 0A 00000000:00000000 00:00000000 00000000   998        0 101 1 0 100 0 0 10 0
               1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1001        0 102 1 0 100 0 0 10 0
               2: 0100007F:D431 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 103 1 0 100 0 0 10 0
               3: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1002        0 104 1 0 100 0 0 10 0
            """;

        Assert.Equal([998], SocketTable.OwnersOf(table, 11434));
        Assert.Equal([1001], SocketTable.OwnersOf(table, 8080));
        Assert.Empty(SocketTable.OwnersOf(table, 0xD431));
        Assert.Empty(SocketTable.OwnersOf("", 8080));
    }

    private static AttachedEngine Engine(string id, int port, params string[] models) => new(
        id, id, null, AttachAddress.Loopback(port), $"127.0.0.1:{port}", null, null, true, AttachedHealth.Answers, [.. models.Select(model => new AttachedModel(model, All, 0))], DateTimeOffset.UnixEpoch);

    private static ServedModel Model(string id, ModelAvailability? state = null, bool selfTest = false)
    {
        ServedModel model = new(id, All, state ?? new ModelAvailability.Ready(), state is null ? [new($"builtin-{id}", "builtin", $"/run/{id}", id)] : [], 512, selfTest, DateTimeOffset.UnixEpoch);
        return model with { Seats = [new("builtin", model.Availability, model.Backends.FirstOrDefault())] };
    }

    private static FleetSnapshot Fleet(ServedModel[] own, params AttachedEngine[] attached) => new(
        1, [new("builtin", "Built-in", ProviderState.Ready, "answers", 1, null, null, DateTimeOffset.UnixEpoch), .. attached.Select(AttachedView.StatusOf)], [], AttachedView.Join(own, attached));

    private static BodyFacts Asking(string model) => ((BodyLook.Good)BodyPeek.Look(System.Text.Encoding.UTF8.GetBytes($$"""{"model":"{{model}}","messages":[]}"""))).Facts;

    private static string[] Serving(FleetSnapshot fleet) => [.. fleet.Models.Single(model => model.Id == "m").Backends.Select(backend => backend.Provider)];

    private static (string Provider, string Endpoint, string Upstream) SentTo(FleetSnapshot fleet, string model)
    {
        var send = Assert.IsType<ModelChoice.Send>(Routing.Choose(fleet, Asking(model), ModelAbilities.Chat, null));
        var backend = Assert.Single(send.Model.Backends);
        return (backend.Provider, backend.Endpoint, backend.UpstreamModel);
    }

    private static GatewayError Refused(FleetSnapshot fleet, string model) => Assert.IsType<ModelChoice.Refuse>(Routing.Choose(fleet, Asking(model), ModelAbilities.Chat, null)).Error;

    private static string AutoAt(FleetSnapshot fleet) => Routing.Choose(fleet, s_auto, ModelAbilities.Chat, null) switch
    {
        ModelChoice.Send(var model, _) => model.Backends[0].Provider,
        ModelChoice.Wait(var model, _, _) => $"wait for {model.Id}",
        var other => $"{other}",
    };
}
