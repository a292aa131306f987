using System.CommandLine;
using System.Text.Json;
using Helix.Contracts;

namespace Helix.Cli;

internal static class ModelAddVerb
{
    public static Command Create(CliWorld world)
    {
        var path = Verb.Argument("PATH", "A GGUF file, or a folder with config.json and safetensors.");
        var name = NameOption();
        var move = new Option<bool>("--move") { Description = "Move the files into the library instead of copying them." };
        var verb = new Verb("add", "Add a model to the library: a GGUF file or a folder.", "helix models add ~/Downloads/model.gguf --name my-model", "helix models add ~/models/Qwen3-0.6B") { path, name, move };
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) =>
            RunAsync(parse, new(Path.GetFullPath(parse.GetRequiredValue(path)), parse.GetValue(name), parse.GetValue(move)), world, cancellationToken));
        return verb;
    }

    public static Option<string?> NameOption() => new("--name") { Description = "The id under which the model is known.", HelpName = "NAME" };

    private static async Task<int> RunAsync(ParseResult parse, AddModelRequest request, CliWorld world, CancellationToken cancellationToken)
    {
        if (!Path.Exists(request.Path)) return world.Terminal.Fail(ExitCodes.NotFound, $"there is no file or folder {request.Path}");
        using var daemon = world.Daemon();
        var body = JsonSerializer.SerializeToUtf8Bytes(request, ApiJson.Default.AddModelRequest);
        var answer = await daemon.PostPatientlyAsync("/helix/v1/models/add", body, ApiJson.Default.ModelReport, cancellationToken);
        if (answer is not Answer<ModelReport>.Is(var model)) return answer.Fail(world.Terminal);
        return parse.IsJson() ? world.Terminal.WriteJson(model, ApiJson.Default.ModelReport) : ModelListVerb.Write(world.Terminal, [model]);
    }
}
