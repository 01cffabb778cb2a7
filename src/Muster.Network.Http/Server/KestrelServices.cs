using System.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Muster.Network.Http;

/// <summary>Kestrel with what it needs to run, and without a host around it.</summary>
/// <remarks>Its own registration is written for a builder of hosts, so this stands in for one and keeps the services only.</remarks>
internal sealed class KestrelServices : IWebHostBuilder
{
    private readonly ServiceCollection _services = new();

    private KestrelServices()
    {
    }

    /// <summary>A server that belongs to the provider, and is disposed with it.</summary>
    public static (ServiceProvider Services, IServer Server) Build(Action<KestrelServerOptions> configure)
    {
        var builder = new KestrelServices();
        builder._services.AddOptions();
        builder._services.AddMetrics();
        builder._services.AddSingleton<DiagnosticSource>(new DiagnosticListener("Muster.Network.Http"));
        builder._services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        builder._services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        builder.UseKestrelCore();

        // What arrives is taken apart where it was received: handlers never block, so a hop to another thread buys nothing.
        builder._services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder._services.AddSingleton<IConfigureOptions<KestrelServerOptions>>(new ConfigureOptions<KestrelServerOptions>(configure));
        var provider = builder._services.BuildServiceProvider();
        return (provider, provider.GetRequiredService<IServer>());
    }

#pragma warning disable ASPDEPR008 // The interface still names it.
    public IWebHost Build() => throw new NotSupportedException("There is no host here: ask for the server.");
#pragma warning restore ASPDEPR008

    public IWebHostBuilder ConfigureAppConfiguration(Action<WebHostBuilderContext, IConfigurationBuilder> configureDelegate) => this;

    public IWebHostBuilder ConfigureServices(Action<IServiceCollection> configureServices)
    {
        configureServices(_services);
        return this;
    }

    public IWebHostBuilder ConfigureServices(Action<WebHostBuilderContext, IServiceCollection> configureServices)
    {
        configureServices(new WebHostBuilderContext(), _services);
        return this;
    }

    public string? GetSetting(string key) => null;

    public IWebHostBuilder UseSetting(string key, string? value) => this;
}
