using Helix.Install;

namespace Helix.Tests.Install;

public sealed class ToolboxTests : IDisposable
{
    private readonly InstallStand _stand = new();

    [Theory]
    [InlineData("3.10", null, "python3")] // of the system, though newer ones are there
    [InlineData("3.12", null, "python3.14")]
    [InlineData("3.12", "3.14", "python3.13")]
    [InlineData("3.10", "3.11", null)]
    public async Task The_Python_of_the_system_is_taken_where_it_will_do_and_else_the_newest_that_does(string oldest, string? below, string? expected)
    {
        foreach (var (name, version) in ((string, string)[])[("python3", "3.11.7"), ("python3.13", "3.13.2"), ("python3.14", "3.14.0"), ("python3.9", "3.9.1")])
            _stand.Script(name, $"echo {version}");
        _stand.Environment["PATH"] = _stand.Environment["PATH"].Split(':')[0];
        var way = InstallStand.Way($$"""{"kind": "python", "package": "engine", "version": "1.0", "python": "{{oldest}}"{{(below is null ? "" : $", \"python_below\": \"{below}\"")}}}""");

        var found = await new Toolbox(_stand.Child, () => _stand.Environment, Path.Combine(_stand.Root, "said"), null).FindAsync(way, TestContext.Current.CancellationToken);

        if (expected is null) Assert.Equal($"Python from {oldest} to below {below} with venv is not on the PATH", Assert.IsType<ToolsFound.Missing>(found).Reason);
        else Assert.Equal(expected, Path.GetFileName(Assert.IsType<ToolsFound.All>(found).Tools[Tool.Python].Path));
    }

    public void Dispose() => _stand.Dispose();
}
