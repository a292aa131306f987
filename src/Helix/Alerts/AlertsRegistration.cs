using Helix.Access;
using Helix.Automation;
using Helix.Backup;
using Helix.Clouds;
using Helix.Configuration;
using Helix.Core.Alerts;
using Helix.Core.Automation;
using Helix.Core.Configuration;
using Helix.Core.Fleet;
using Helix.Core.History;
using Helix.Fleet;
using Helix.Gateway;
using Helix.Hardware;
using Helix.Install;
using Helix.Live;
using Helix.Processes;
using Helix.Security;
using Helix.Storage;
using Helix.Telemetry;
using Helix.Updates;

namespace Helix.Alerts;

/// <summary>Raises alerts, tells them, and offers them.</summary>
internal static class AlertsRegistration
{
    /// <summary>Needs from the container: the rooms Backup, Clouds, Configuration, Fleet, Gateway, Install, Security, Storage and Updates, and the listeners.</summary>
    public static IServiceCollection AddAlerts(this IServiceCollection services) => services
        .AddSingleton<AlertFeed>()
        .AddSingleton<BannerFiles>()
        .AddSingleton(provider => new AlertRulesFile(provider.GetRequiredService<HelixHome>(), provider.GetRequiredService<HistoryTable>().Append, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => new DesktopNotice(
            provider.GetRequiredService<BoundedChild>(), provider.GetRequiredService<HelixHome>(), provider.GetRequiredService<InstallGround>().Environment, provider.GetRequiredService<ILogger<DesktopNotice>>()))
        .AddSingleton<IAlertChannel>(provider => new WebChannel(provider.GetRequiredService<Func<HelixConfig>>()))
        .AddSingleton<IAlertChannel>(provider => new CommandLineChannel(provider.GetRequiredService<BannerFiles>(), provider.GetRequiredService<DesktopNotice>().ShowAsync, provider.GetRequiredService<Func<HelixConfig>>()))
        .AddSingleton<ChannelBook>()
        .AddSingleton<ChannelSetups>()
        .AddSingleton<ChannelWeb>()
        .AddSingleton<IAlertChannel>(provider => new MailChannel(
            provider.GetRequiredService<ChannelSetups>(), provider.GetRequiredService<CloudTrust>(), provider.GetRequiredService<CloudDial>(), provider.GetRequiredService<Func<HelixConfig>>(), provider.GetRequiredService<ILogger<MailChannel>>()))
        .AddSingleton<IAlertChannel>(provider => new SlackChannel(provider.GetRequiredService<ChannelSetups>(), provider.GetRequiredService<ChannelWeb>(), provider.GetRequiredService<Func<HelixConfig>>()))
        .AddSingleton<IAlertChannel>(provider => new DiscordChannel(provider.GetRequiredService<ChannelSetups>(), provider.GetRequiredService<ChannelWeb>(), provider.GetRequiredService<Func<HelixConfig>>()))
        .AddSingleton<IAlertChannel>(provider => new WebhookChannel(
            provider.GetRequiredService<ChannelSetups>(), provider.GetRequiredService<ChannelWeb>(), provider.GetRequiredService<Func<HelixConfig>>(), provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => new AlertSampler(SourcesOf(provider), provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => new AlertWatch(
            provider.GetRequiredService<AlertTable>(), provider.GetRequiredService<HistoryTable>(), ToolsOf(provider), provider.GetRequiredService<AlertFeed>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<AlertWatch>>()))
        .AddHostedService(provider => provider.GetRequiredService<AlertWatch>())
        .AddSingleton(provider => new AlertDelivery(
            provider.GetServices<IAlertChannel>(), provider.GetRequiredService<MessageTable>(), provider.GetRequiredService<AlertFeed>(), provider.GetRequiredService<HistoryTable>().Append,
            new Random().NextDouble, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<AlertDelivery>>()))
        .AddHostedService(provider => provider.GetRequiredService<AlertDelivery>())
        .AddHostedService<AlertBell>();

    /// <summary>Needs from the container also: the rooms Access and Live.</summary>
    public static void MapAlerts(this WebApplication app)
    {
        var services = app.Services;
        var (watch, feed, messages, time) = (services.GetRequiredService<AlertWatch>(), services.GetRequiredService<AlertFeed>(), services.GetRequiredService<MessageTable>(), services.GetRequiredService<TimeProvider>());
        services.GetRequiredService<LiveSections>().Add(new AlertSection(watch, () => LinkOf(services), time));
        new AlertEndpoints(watch, services.GetRequiredService<AlertTable>(), new AlertStream(feed, messages, services.GetRequiredService<SessionRing>().MayGoOn, time), () => LinkOf(services), time).Map(app);
        new ChannelEndpoints(services.GetRequiredService<ChannelSetups>(), services.GetRequiredService<AlertDelivery>(), messages, services.GetRequiredService<HistoryTable>().Append, time).Map(app);
        new AlertSetupEndpoints(watch, services.GetRequiredService<AlertRulesFile>(), services.GetRequiredService<AlertDelivery>(), messages, feed, services.GetRequiredService<HelixHome>(), time).Map(app);
    }

    /// <summary>The number of an alert is put behind it.</summary>
    private static string LinkOf(IServiceProvider provider) => $"http://{provider.GetRequiredService<InheritedListeners>().GatewayAddress}/#alerts/";

    private static AlertTools ToolsOf(IServiceProvider provider)
    {
        var config = provider.GetRequiredService<Func<HelixConfig>>();
        IAlertChannel[] channels = [.. provider.GetServices<IAlertChannel>()];
        return new(
            // no secret, and no reason to load a library of cryptography
            Guid.NewGuid().ToString("N"), provider.GetRequiredService<AlertSampler>().Look, provider.GetRequiredService<AlertRulesFile>(),
            () => AlertPolicy.Of(config().Alerts, channels.Select(channel => channel.Policy).OfType<ChannelPolicy>(), LinkOf(provider)),
            () => HistoryNames.Severity(config().Alerts.CommandLineSeverity) ?? Severity.Error, provider.GetRequiredService<BannerFiles>());
    }

    private static SampleSources SourcesOf(IServiceProvider provider)
    {
        var (home, config) = (provider.GetRequiredService<HelixHome>(), provider.GetRequiredService<Func<HelixConfig>>());
        var began = provider.GetRequiredService<TimeProvider>().GetUtcNow();
        return new(
            provider.GetRequiredService<RequestMetrics>(), provider.GetRequiredService<IFleetView>(), provider.GetRequiredService<Admission>().Waiting, () => FreeSpace.Of(home.Root),
            () => OperatingSystem.IsLinux() ? LinuxMemory.Read("/") : new(MacMemory.Total(), null), provider.GetRequiredService<FleetGround>().MemoryBytes, () => config().Cleanup, () => BeatsOf(provider, began));
    }

    /// <param name="began">When this daemon did: what was due before that was not its matter.</param>
    private static IEnumerable<Beat> BeatsOf(IServiceProvider provider, DateTimeOffset began)
    {
        var (health, monitors) = (provider.GetRequiredService<IConfigView>().Current.Health, provider.GetRequiredService<IConfigView>().Current.AutoManager.AutoMonitor);
        var isAnybodyReady = provider.GetRequiredService<IFleetView>().Current.Instances.Any(instance => instance is { State: ProviderState.Ready, Pid: not null });
        yield return new(AlertSignal.Health, "a look at the health of engines", monitors && isAnybodyReady, provider.GetRequiredService<LookLog>().Last ?? began, TimeSpan.FromSeconds(health.CheckInterval));
        yield return BeatOf(AlertSignal.Updates, "a look for updates", provider.GetRequiredService<Updater>(), Cadence.Updates, began);
        yield return BeatOf(AlertSignal.Security, "a look at helix's own safety", provider.GetRequiredService<SecurityWatch>(), Cadence.Security, began);
        yield return BeatOf(AlertSignal.Backup, "a backup", provider.GetRequiredService<DailyBackup>(), Cadence.Backup, began);
    }

    private static Beat BeatOf(string signal, string does, Recurrent work, TimeSpan interval, DateTimeOffset began)
    {
        var last = work.Ran ?? (work.Due is { } due ? due - interval : began);
        return new(signal, does, work.IsOn, last, interval);
    }
}
