using Helix.Core.Live;
using Helix.Core.Screen;

namespace Helix.Core.Tests.Screen;

/// <summary>Pictures for the monitor, told as a daemon tells them.</summary>
internal static class Pictures
{
    public static readonly DateTimeOffset Now = new(2026, 11, 29, 10, 30, 15, TimeSpan.Zero);

    /// <summary>A machine on which one engine answers, one is down, and one could be installed.</summary>
    public static MonitorPicture Usual => Of("""
        {"at":"2026-11-29T10:30:15+00:00","state":{
          "helix":{"self":{"version":"0.1.0+5e8957c6aa4a8c25","release":null,"address":"http://127.0.0.1:4359","started":"2026-11-29T08:25:15+00:00","notes":["a note that matters"]}},
          "providers":{
            "builtin":{"id":"builtin","name":"Built-in engine","order":0,"state":"ready","reason":"answers, and produced a token","since":"2026-11-29T08:30:15+00:00","pid":4711,"model":"tiny","release":"v0.4.0","actions":["stop","logs"]},
            "gpt4all":{"id":"gpt4all","name":"GPT4All","order":1,"state":"available","reason":"fits this machine","since":"2026-11-29T08:30:15+00:00","pid":null,"model":null,"release":null,"actions":["install"]},
            "vllm":{"id":"vllm","name":"vLLM","order":2,"state":"critical","reason":"ended five times","since":"2026-11-29T10:29:15+00:00","pid":null,"model":"qwen","release":"0.11","actions":["start","stop","logs"]},
            "jan":{"id":"jan","name":"Jan","order":3,"state":"unsupported","reason":"needs macOS","since":"2026-11-29T08:30:15+00:00","pid":null,"model":null,"release":null,"actions":[]}},
          "instances":{"builtin-tiny":{"provider":"builtin","health":[{"step":"process","state":"ok"},{"step":"endpoint","state":"ok"},{"step":"identity","state":"waiting"},{"step":"token","state":"bad"}]}},
          "figures":{"builtin":{"cpu":1.25,"memory_bytes":639400000,"in_flight":2,"requests":1234,"faults":1,"tokens_per_second":42.5}},
          "machine":{"cpu":{"cores":8,"busy":0.314},"memory":{"total_bytes":16000000000,"available_bytes":12000000000},"ledger":{"budget_bytes":10000000000,"reserved_bytes":2000000000,"measured_bytes":1000000000},"disk":{"total_bytes":100000000000,"free_bytes":40000000000,"low":false},"gpus":{"gpus":[{"name":"NVIDIA L4","memory_bytes":24000000000,"used_bytes":10000000000,"busy":0.4,"celsius":61,"watts":40}]},"daemon":{"cpu":0.01,"memory_bytes":41000000}},
          "traffic":{"now":{"in_flight":3,"requests":1234,"errors":1,"requests_per_second":3.1,"tokens_per_second":42.5}},
          "models":{"tiny":{"running":2,"waiting":1}},
          "performance":{"5m|builtin|tiny":{"window":"5m","provider":"builtin","model":"tiny","first_token_ms":{"count":9,"p50":120.4,"p95":900,"p99":1200},"inter_token_ms":{"count":90,"p50":8.26,"p95":12,"p99":20}},"1h|builtin|tiny":{"window":"1h","provider":"builtin","model":"tiny","first_token_ms":null,"inter_token_ms":null}},
          "alerts":{"2":{"id":2,"state":"firing","severity":"critical","subject":"vllm-qwen","what":"it ended five times","left":"helix local-llm logs vllm","since":"2026-11-29T10:29:15+00:00"},"1":{"id":1,"state":"acknowledged","severity":"critical","provider":"jan","what":"it is known","since":"2026-11-29T09:30:15+00:00"}},
          "automations":{"health":{"order":0,"does":"looks after engines","on":true,"last":"2026-11-29T10:30:00+00:00","next":"2026-11-29T10:30:45+00:00","result":"all is well"},"backup":{"order":1,"does":"backs up","on":false,"last":null,"next":null,"result":null}},
          "uptime":{"builtin":{"id":"builtin","month":0.99959}}}}
        """);

    public static MonitorPicture Of(string snapshot)
    {
        var live = new LiveCopy();
        Assert.True(live.Take(new("snapshot", null, snapshot.ReplaceLineEndings(" "))));
        return MonitorPicture.Of(live);
    }

    public static string Text(IReadOnlyList<ScreenLine> lines) => string.Join('\n', lines.Select(line => line.Text));
}
