using System.Net;
using System.Net.Http.Json;
using Helix.Configuration;
using Helix.Contracts;
using Helix.Core.Configuration;
using Helix.Tests.Fakes;
using Helix.Tests.Gateway.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Helix.Tests.Configuration;

public sealed class SettingsEndpointsTests : IAsyncLifetime
{
    private readonly TemporaryHome _temporary = new();
    private ConfigWatch _watch = null!;
    private GatewayHost _host = null!;
    private HttpClient _owner = null!;

    public async ValueTask InitializeAsync()
    {
        _temporary.WriteConfig("# mine\nhealth:\n  check_interval: 45  # seconds\n");
        _watch = new ConfigWatch(_temporary.Home, TimeProvider.System, NullLogger<ConfigWatch>.Instance);
        _host = await GatewayHost.StartAsync(first: app => new SettingsEndpoints(_temporary.Home, _watch, TimeProvider.System).Map(app));
        _owner = _host.Owner();
    }

    public async ValueTask DisposeAsync()
    {
        _owner.Dispose();
        await _host.DisposeAsync();
        _watch.Dispose();
        _temporary.Dispose();
    }

    [Fact]
    public async Task Every_setting_is_told_with_its_meaning_and_where_its_value_comes_from()
    {
        var report = (await _owner.GetFromJsonAsync("/helix/v1/settings", SettingJson.Default.SettingsReport))!;

        Assert.Equal(SettingsTable.All.Select(setting => setting.Path), report.Settings.Select(setting => setting.Path));
        Assert.Equal(_temporary.Home.Config, report.File);
        var interval = report.Settings.Single(setting => setting.Path == "health.check_interval");
        Assert.Equal(("whole", "30", "45", "file", "now"), (interval.Kind, interval.Default, interval.Value, interval.Source, interval.Effect));
        Assert.Equal((1, 3600), ((int)interval.Min!.Value, (int)interval.Max!.Value));
        Assert.Equal("seconds", interval.Unit);
        Assert.Equal(["zero_touch", "team", "production", "edge"], report.Settings.Single(setting => setting.Path == "auto_manager.mode").Choices!);
        Assert.Equal(("default", "true"), report.Settings.Where(setting => setting.Path == "health.auto_recovery").Select(setting => (setting.Source, setting.Value)).Single());
    }

    [Fact]
    public async Task A_setting_is_changed_in_the_file_and_holds_at_once()
    {
        var changed = await PutAsync("health.check_interval", "60");

        Assert.Equal(("60", "file"), (changed.Setting.Value, changed.Setting.Source));
        Assert.Null(changed.Note);
        Assert.Equal(60, _watch.Current.Health.CheckInterval);
        Assert.Equal("# mine\nhealth:\n  check_interval: 60  # seconds\n", await File.ReadAllTextAsync(_temporary.Home.Config, TestContext.Current.CancellationToken));
        Assert.Contains("next start", (await PutAsync("gateway.port", "5000")).Note, StringComparison.Ordinal);

        using var unset = await _owner.DeleteAsync("/helix/v1/settings/health.check_interval");
        var after = (await unset.Content.ReadFromJsonAsync(SettingJson.Default.SettingChanged))!.Setting;
        Assert.Equal(("30", "default"), (after.Value, after.Source));
        Assert.Equal(30, _watch.Current.Health.CheckInterval);
    }

    [Theory]
    [InlineData("health.check_interval", "often", HttpStatusCode.BadRequest, "invalid", "a whole number from 1 to 3600")]
    [InlineData("health.check_interval", "0", HttpStatusCode.BadRequest, "invalid", "a whole number from 1 to 3600")]
    [InlineData("providers.enabled", "nosuch", HttpStatusCode.BadRequest, "invalid", "nosuch")]
    [InlineData("health.chek_interval", "60", HttpStatusCode.NotFound, "not_found", "health.check_interval")]
    public async Task What_cannot_be_is_refused_and_the_file_stays(string path, string value, HttpStatusCode status, string code, string words)
    {
        var before = await File.ReadAllTextAsync(_temporary.Home.Config, TestContext.Current.CancellationToken);
        using var response = await _owner.PutAsJsonAsync($"/helix/v1/settings/{path}", new SetSettingRequest(value), SettingJson.Default.SetSettingRequest);

        var error = (await response.Content.ReadFromJsonAsync(ApiJson.Default.ApiErrorBody))!.Error;
        Assert.Equal((status, code), (response.StatusCode, error.Code));
        Assert.Contains(words, $"{error.Message} {error.Remedy}", StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(_temporary.Home.Config, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"value":60}""")]
    [InlineData("""{"value":null}""")]
    [InlineData("null")]
    public async Task A_body_that_names_no_value_is_refused(string body)
    {
        using var response = await _owner.PutAsync("/helix/v1/settings/health.check_interval", new StringContent(body, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")));

        Assert.Equal((HttpStatusCode.BadRequest, "invalid"), (response.StatusCode, (await response.Content.ReadFromJsonAsync(ApiJson.Default.ApiErrorBody))!.Error.Code));
    }

    private async Task<SettingChanged> PutAsync(string path, string value)
    {
        using var response = await _owner.PutAsJsonAsync($"/helix/v1/settings/{path}", new SetSettingRequest(value), SettingJson.Default.SetSettingRequest);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync(SettingJson.Default.SettingChanged))!;
    }
}
